import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAlarmStep } from '@haulwatch/codec';
import { isReject } from '@haulwatch/codec';
import type { AlarmStep } from '@haulwatch/domain';
import type { ChaosWorld } from './chaos-world.ts';

/** What is looked at to tell whether a part of the road works again. */
export type Gauge = 'engine' | 'redis' | 'postgres' | 'api';

/** A step where it stands in the alarm log. */
export type LoggedStep = { readonly offset: number; readonly step: AlarmStep };

type Waiter = {
  readonly sinceMs: number;
  /** Partitions of which nothing has come that was produced since then. */
  readonly missing: Set<number>;
  /** The first place in the alarm log of what was produced since then. */
  offset: number | undefined;
};

const pollMs = 200;

/**
 * Looks at the road from outside: follows the alarm log as any consumer does and asks the stores how far they are. That a part works
 * again is never its own word: alarms of input that was produced after the fault have come through it.
 */
export class ChaosWatch {
  /** Every record of the alarm log, in its order. */
  readonly steps: LoggedStep[] = [];
  unreadable = 0;
  readonly #world: ChaosWorld;
  readonly #partitions: number;
  readonly #apiAddress: () => string | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #positions = { redis: -1, postgres: -1 };
  #apiSeenAtMs = 0;
  #lastStepAtMs: number | undefined;
  #longestSilenceMs = 0;
  #stopped = false;
  #polling: Promise<unknown> = Promise.resolve();

  constructor(world: ChaosWorld, partitions: number, apiAddress: () => string | undefined) {
    this.#world = world;
    this.#partitions = partitions;
    this.#apiAddress = apiAddress;
  }

  async start(stack: AsyncDisposableStack): Promise<void> {
    const { log, topics, store, history } = this.#world;
    const following = await log.follow(topics.alarmLog, ({ value, offset }) => this.#see(value, offset));
    stack.defer(() => following.close());
    this.#polling = Promise.all([
      this.#poll(async () => void (this.#positions.redis = await store.position())),
      this.#poll(async () => void (this.#positions.postgres = await history.position())),
      this.#poll(async () => await this.#askApi()),
    ]);
    stack.defer(async () => {
      this.#stopped = true;
      await this.#polling;
    });
  }

  positions(): Readonly<Record<'redis' | 'postgres', number>> {
    return this.#positions;
  }

  /** From here on silence counts. */
  inputBegins(): void {
    this.#lastStepAtMs = undefined;
    this.#longestSilenceMs = 0;
  }

  /** The longest time without a step in the alarm log since the first one, ms; call it when the input ends. */
  inputEnds(): number {
    this.#noteSilence();
    return this.#longestSilenceMs;
  }

  /** Resolves with how long it took, ms, until all gauges show what was produced since a moment. Rejects when aborted. */
  async recovered(gauges: readonly Gauge[], sinceMs: number, signal: AbortSignal): Promise<number> {
    const missing = new Set(Array.from({ length: this.#partitions }, (_, partition) => partition));
    const waiter: Waiter = { sinceMs, missing, offset: undefined };
    for (const { offset, step } of this.steps.slice(-5_000)) note(waiter, step, offset);
    this.#waiters.add(waiter);
    try {
      while (!gauges.every((gauge) => this.#shows(gauge, waiter))) await sleep(50, undefined, { signal });
      return Date.now() - sinceMs;
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  #shows(gauge: Gauge, { sinceMs, missing, offset }: Waiter): boolean {
    if (gauge === 'engine') return missing.size === 0;
    if (gauge === 'api') return this.#apiSeenAtMs >= sinceMs;
    return offset !== undefined && this.#positions[gauge] >= offset;
  }

  #see(value: Uint8Array | null, offset: number): void {
    const step = decodeAlarmStep(value ?? new Uint8Array(0));
    if (isReject(step)) {
      this.unreadable += 1;
      return;
    }
    this.steps.push({ offset, step });
    this.#noteSilence();
    this.#lastStepAtMs = performance.now();
    for (const waiter of this.#waiters) note(waiter, step, offset);
  }

  #noteSilence(): void {
    if (this.#lastStepAtMs === undefined) return;
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, performance.now() - this.#lastStepAtMs);
  }

  async #askApi(): Promise<void> {
    const address = this.#apiAddress();
    if (address === undefined) return;
    const askedAtMs = Date.now();
    const response = await fetch(`${address}/v1/alarms?limit=1`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    if (response.ok) this.#apiSeenAtMs = askedAtMs;
  }

  /** A store that is away is asked again. */
  async #poll(ask: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      await ask().catch(() => undefined);
      await sleep(pollMs);
    }
  }
}

function note(waiter: Waiter, step: AlarmStep, offset: number): void {
  if (step.producedAtMs < waiter.sinceMs) return;
  waiter.missing.delete(step.cause.partition);
  waiter.offset ??= offset;
}
