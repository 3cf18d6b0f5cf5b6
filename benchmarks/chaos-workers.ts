import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

const workerRoles = ['ingest', 'alerts', 'history', 'api'] as const;
export type WorkerRole = (typeof workerRoles)[number];

/** How workers are started: the entry of each role, relative to the repository's root, and what they are told. */
export type WorkerPlan = {
  readonly env: Readonly<Record<string, string>>;
  /** Entries that stand in for the service's own. */
  readonly entries: Readonly<Partial<Record<WorkerRole, string>>>;
  /** Where what they say is kept, a file a worker. */
  readonly logDir: string;
};

/** A process that ended without being told to. */
export type SelfEnd = { readonly worker: string; readonly atMs: number; readonly code: string; readonly said: string };

/** A supervisor waits so long before it starts again what has died. */
const restartAfterMs = 500;
/** A service ends itself within 10 s. */
const endMsMax = 20_000;
const root = join(import.meta.dirname, '..');

/** A worker and its supervisor: whatever ends it, it is started again, until it is told to stop. */
export class ChaosWorker {
  readonly role: WorkerRole;
  readonly name: string;
  /** It holds a partition that only one at a time holds: known from what it logs. */
  isActive = false;
  isFrozen = false;
  readonly #plan: WorkerPlan;
  readonly #onSelfEnd: (end: SelfEnd) => void;
  readonly #said: string[] = [];
  #pid: number | undefined;
  #running: Promise<void>;
  #wanted = true;
  /** The end that is coming is ours. */
  #isTold = false;
  #pauseMs = restartAfterMs;
  #up = Promise.withResolvers<void>();
  address: string | undefined;

  constructor(role: WorkerRole, index: number, plan: WorkerPlan, onSelfEnd: (end: SelfEnd) => void) {
    this.role = role;
    this.name = `${role}-${index}`;
    this.#plan = plan;
    this.#onSelfEnd = onSelfEnd;
    this.#running = this.#supervise();
  }

  get isUp(): boolean {
    return this.address !== undefined;
  }

  /** Resolves when it says that it runs. */
  async up(): Promise<void> {
    await this.#up.promise;
  }

  /** kill -9; the supervisor starts it again after so long. */
  kill(forMs: number): void {
    this.#pauseMs = Math.max(restartAfterMs, forMs);
    this.#send('SIGKILL');
  }

  /** Stands still without knowing it, and goes on as if nothing had been. */
  async freeze(forMs: number): Promise<void> {
    const pid = this.#pid;
    if (pid === undefined) return;
    this.isFrozen = true;
    this.#signal(pid, 'SIGSTOP');
    await sleep(forMs);
    this.#signal(pid, 'SIGCONT');
    this.isFrozen = false;
  }

  /** Ends it in an orderly way and for good. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#send('SIGTERM');
    const ended = await Promise.race([this.#running.then(() => true), sleep(endMsMax, false, { ref: false })]);
    if (ended) return;
    this.#send('SIGKILL');
    await this.#running;
  }

  #send(signal: NodeJS.Signals): void {
    this.#isTold = true;
    if (this.#pid !== undefined) this.#signal(this.#pid, signal);
  }

  #signal(pid: number, signal: NodeJS.Signals): void {
    try {
      process.kill(pid, signal);
    } catch {
      // It has gone by itself.
    }
  }

  async #supervise(): Promise<void> {
    const file = createWriteStream(join(this.#plan.logDir, `${this.name}.log`), { flags: 'a' });
    while (this.#wanted) {
      await this.#run((line) => file.write(`${line}\n`));
      if (!this.#wanted) break;
      await sleep(this.#pauseMs);
      this.#pauseMs = restartAfterMs;
    }
    file.end();
  }

  async #run(keep: (line: string) => void): Promise<void> {
    const entry = this.#plan.entries[this.role] ?? `services/${this.role}/src/main.ts`;
    const tether = new URL('chaos-tether.ts', import.meta.url).href;
    const child = execa(process.execPath, ['--import', tether, entry], {
      cwd: root,
      env: this.#plan.env,
      all: true,
      buffer: false,
      reject: false,
      ipc: true,
      cleanup: true,
    });
    this.#pid = child.pid;
    this.#isTold = !this.#wanted;
    keep(`--- ${new Date().toISOString()} process ${child.pid} begins`);
    createInterface({ input: child.all }).on('line', (line) => {
      keep(line);
      this.#hear(line);
    });
    const { exitCode, signal } = await child;
    const code = String(signal ?? exitCode);
    keep(`--- ${new Date().toISOString()} process ${child.pid} ended with ${code}`);
    this.#pid = undefined;
    this.isActive = false;
    // Who waits for it to come up waits for the next process, too.
    if (this.address !== undefined) this.#up = Promise.withResolvers();
    this.address = undefined;
    if (this.#isTold) return;
    const said = this.#said.filter((line) => line.startsWith('haulwatch:')).at(-1) ?? this.#said.at(-1) ?? '';
    this.#onSelfEnd({ worker: this.name, atMs: Date.now(), code, said });
  }

  #hear(line: string): void {
    this.#said.push(line);
    if (this.#said.length > 50) this.#said.shift();
    if (line.includes(' is active"')) this.isActive = true;
    if (line.includes(' stands by"')) this.isActive = false;
    const address = /"(?:admin|address)":"(http[^"]+)"/.exec(line)?.[1];
    if (address === undefined) return;
    this.address = address;
    this.#up.resolve();
  }
}

/** All workers of a run. */
export class ChaosWorkers {
  readonly selfEnds: SelfEnd[] = [];
  readonly #plan: WorkerPlan;
  readonly #workers: ChaosWorker[] = [];
  #started = 0;

  constructor(plan: WorkerPlan) {
    this.#plan = plan;
  }

  of(role: WorkerRole): readonly ChaosWorker[] {
    return this.#workers.filter((worker) => worker.role === role);
  }

  /** One more of a role; it is starting when this returns. */
  add(role: WorkerRole): ChaosWorker {
    const worker = new ChaosWorker(role, this.#started++, this.#plan, (end) => this.selfEnds.push(end));
    this.#workers.push(worker);
    return worker;
  }

  async remove(worker: ChaosWorker): Promise<void> {
    const at = this.#workers.indexOf(worker);
    if (at >= 0) this.#workers.splice(at, 1);
    await worker.stop();
  }

  async stopAll(roles: readonly WorkerRole[] = workerRoles): Promise<void> {
    const workers = this.#workers.filter(({ role }) => roles.includes(role));
    await Promise.all(workers.map((worker) => this.remove(worker)));
  }
}
