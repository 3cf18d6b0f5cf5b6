import { encodeFixJson } from '@haulwatch/codec';
import { alarmFlagSos, FixBatch, fromE7, speedAbsent, type Fix } from '@haulwatch/domain';
import type { Simulator } from '@haulwatch/simulator';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './random.ts';

/** Of the fixes: with an event of the terminal's camera, with the emergency button. */
const shares = { event: 0.02, pressed: 0.0005 } as const;
/** No answer for so long is none. */
const answerMsMax = 20_000;

/** Repeats each request until it is answered, one after the other. */
export class PatientClient {
  /** Fixes that were answered, as they were sent. */
  readonly acknowledged: string[] = [];
  readonly #address: string;
  #last: Promise<void> = Promise.resolve();

  constructor(address: string) {
    this.#address = address;
  }

  post(fixes: readonly Fix[]): void {
    if (fixes.length === 0) return;
    this.#last = this.#last.then(() => this.#deliver(fixes));
    // Told to whoever waits for the end.
    this.#last.catch(() => undefined);
  }

  async #deliver(fixes: readonly Fix[]): Promise<void> {
    const body = fixes.map(encodeFixJson).join('\n');
    await this.#ask('/v1/fixes', { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body });
    for (const fix of fixes) this.acknowledged.push(nameOf(fix));
  }

  async put(path: string, body: string, type: string): Promise<void> {
    await this.#ask(path, { method: 'PUT', headers: { 'content-type': type }, body });
  }

  async get(path: string): Promise<unknown> {
    return await this.#ask(path, { method: 'GET' });
  }

  async drained(): Promise<void> {
    await this.#last;
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    for (;;) {
      const response = await fetch(`${this.#address}${path}`, {
        ...init,
        signal: AbortSignal.timeout(answerMsMax),
      }).catch(() => undefined);
      const text = await response?.text().catch(() => undefined);
      if (response !== undefined && text !== undefined) {
        if (response.ok) return JSON.parse(text);
        if (response.status < 500) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
      }
      await sleep(100);
    }
  }
}

/** What tells a fix from every other of its vehicle. */
export function nameOf({ vehicleId, fixedAtMs }: Pick<Fix, 'vehicleId' | 'fixedAtMs'>): string {
  return `${vehicleId} ${fixedAtMs}`;
}

/** What simulated terminals tell over HTTP. */
export class Terminals {
  readonly #simulator: Simulator;
  readonly #ids: readonly string[];
  readonly #random: Random;
  readonly #batch = new FixBatch(8_192);

  constructor(simulator: Simulator, seed: number) {
    this.#simulator = simulator;
    this.#ids = simulator.fleet().map(({ id }) => id);
    this.#random = Random.of(seed, 24);
  }

  next(nowMs: number): Fix[] {
    const fixes: Fix[] = [];
    for (let done = false; !done;) {
      done = this.#simulator.step(nowMs, this.#batch);
      for (let row = 0; row < this.#batch.count; row += 1) fixes.push(this.#fixOf(row));
    }
    return fixes;
  }

  #fixOf(row: number): Fix {
    const batch = this.#batch;
    const random = this.#random;
    const speedDkph = batch.speedDkph[row]!;
    const pressed = random.chance(shares.pressed) ? alarmFlagSos : 0;
    return {
      vehicleId: this.#ids[batch.vehicle[row]!]!,
      fixedAtMs: batch.fixedAtMs[row]!,
      lonDeg: fromE7(batch.lonE7[row]!),
      latDeg: fromE7(batch.latE7[row]!),
      ...(speedDkph === speedAbsent ? {} : { speedKph: speedDkph / 10 }),
      headingDeg: batch.headingCdeg[row]! / 100,
      statusFlags: batch.statusFlags[row]!,
      alarmFlags: batch.alarmFlags[row]! | pressed,
      ...(random.chance(shares.event) ? { terminalEvents: [{ code: 25_857, level: 1, state: 1 }] } : {}),
    };
  }
}
