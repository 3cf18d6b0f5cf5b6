import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { round } from './load-watch.ts';

/** What V8's profiler writes: nodes of a call tree, and for each sample its node and the time since the last, us. */
type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** Whose code the time went to. `native` is Node and V8 without a JavaScript frame: sockets above all. */
type CpuShare = Readonly<
  Record<'kafkajs' | 'kafka' | 'decode' | 'engine' | 'ingest' | 'gc' | 'native' | 'other', number>
>;

const homes: readonly (readonly [RegExp, keyof CpuShare])[] = [
  [/node_modules\/kafkajs\//, 'kafkajs'],
  [/packages\/kafka\//, 'kafka'],
  [/packages\/codec\//, 'decode'],
  [/packages\/(engine|rules|geo)\//, 'engine'],
  [/services\/ingest\//, 'ingest'],
];

export type ProfileResult = { readonly share: CpuShare; readonly top: readonly string[] };

/** What a process needs to be profiled, and how it is: see load-profiler.ts. */
export type Profiling = {
  readonly nodeOptions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  begin(pid: number): void;
  end(pid: number): Promise<ProfileResult>;
};

export async function openProfiling(stack: AsyncDisposableStack): Promise<Profiling> {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-profile-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  return {
    nodeOptions: ['--import', new URL('./load-profiler.ts', import.meta.url).href],
    env: { LOAD_PROFILE_DIR: dir },
    begin: (pid) => void process.kill(pid, 'SIGUSR2'),
    async end(pid) {
      process.kill(pid, 'SIGUSR2');
      const file = join(dir, `${pid}.cpuprofile`);
      for (let triedMs = 0; ; triedMs += 100) {
        const text = await readFile(file, 'utf8').catch(() => undefined);
        if (text !== undefined) {
          // The next profile of the same process has the same name.
          await rm(file);
          return summaryOf(JSON.parse(text) as Profile);
        }
        if (triedMs > 30_000) throw new Error(`process ${pid} wrote no profile`);
        await sleep(100);
      }
    },
  };
}

function summaryOf(profile: Profile): ProfileResult {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const usByHome: Record<keyof CpuShare, number> = {
    kafkajs: 0,
    kafka: 0,
    decode: 0,
    engine: 0,
    ingest: 0,
    gc: 0,
    native: 0,
    other: 0,
  };
  const usByFunction = new Map<string, number>();
  let total = 0;
  for (const [at, node] of profile.samples.entries()) {
    // A sample stands for the time until the next one.
    const lastsUs = profile.timeDeltas[at + 1] ?? 0;
    const { functionName, url, lineNumber } = frames.get(node)!;
    if (functionName === '(idle)') continue;
    total += lastsUs;
    usByHome[homeOf(functionName, url)] += lastsUs;
    const name = `${functionName} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`;
    usByFunction.set(name, (usByFunction.get(name) ?? 0) + lastsUs);
  }
  const shares = Object.entries(usByHome).map(([home, us]) => [home, round(us / total, 3)]);
  const top = [...usByFunction].toSorted(([, a], [, b]) => b - a).slice(0, 25);
  return {
    share: Object.fromEntries(shares) as CpuShare,
    top: top.map(([name, us]) => `${((us / total) * 100).toFixed(1)} % ${name}`),
  };
}

function homeOf(functionName: string, url: string): keyof CpuShare {
  if (functionName === '(garbage collector)') return 'gc';
  if (functionName === '(program)') return 'native';
  return homes.find(([pattern]) => pattern.test(url))?.[1] ?? 'other';
}
