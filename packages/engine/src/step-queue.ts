import { alarmStepKinds, fromE7, type AlarmStep, type AlarmStepKind, type ClearReason } from '@haulwatch/domain';
import { episodeWords, readEpisode } from '@haulwatch/rules';
import { writeStep } from './alarm-step.ts';
import type { Labels } from './labels.ts';
import type { VehicleTable } from './vehicle-table.ts';

/** The reasons with which steps clear, by their place here; a step that clears nothing has -1. */
const clearReasons = ['condition-over', 'gap', 'rule-withdrawn', 'late-lane-over'] as const satisfies ClearReason[];

/** Words of a queued step before the copy of its episode. */
const headAt = {
  kind: 0,
  clearReason: 1,
  vehicle: 2,
  late: 3,
  atMs: 4,
  /** NaN: no position was ever known. */
  lonE7: 5,
  latE7: 6,
  offset: 7,
  index: 8,
  producedAtMs: 9,
} as const;
const headWords = 10;
const stepWords = headWords + episodeWords;

/** Where and by what a step came about, filled anew for each. */
export type StepHead = { -readonly [K in keyof typeof headAt]: number };

/**
 * Steps of alarms as numbers, until a batch is over: then they are written out. Texts are made here and nowhere near the
 * loop over the fixes, where building them would slow down every fix that tells nothing (measured 2026-11: +450 ns a fix when
 * the compiler took the text into the loop).
 */
export class StepQueue {
  #steps = new Float64Array(64 * stepWords);
  #count = 0;

  push(kind: AlarmStepKind, reason: ClearReason | undefined, head: StepHead, episodes: Float64Array, at: number): void {
    if ((this.#count + 1) * stepWords > this.#steps.length) {
      const grown = new Float64Array(2 * this.#steps.length);
      grown.set(this.#steps);
      this.#steps = grown;
    }
    const to = this.#count * stepWords;
    this.#count += 1;
    for (const name in headAt) this.#steps[to + headAt[name as keyof StepHead]] = head[name as keyof StepHead];
    this.#steps[to + headAt.kind] = alarmStepKinds.indexOf(kind);
    this.#steps[to + headAt.clearReason] = reason === undefined ? -1 : clearReasons.indexOf(reason);
    for (let word = 0; word < episodeWords; word += 1) this.#steps[to + headWords + word] = episodes[at + word]!;
  }

  /** Writes the queued steps out, oldest first, and empties the queue. */
  drain(vehicles: VehicleTable, labels: Labels, partition: number): AlarmStep[] {
    const steps = Array.from({ length: this.#count }, (_, i) => {
      const from = i * stepWords;
      const head = (name: keyof typeof headAt): number => this.#steps[from + headAt[name]]!;
      const vehicle = vehicles.known[head('vehicle')]!;
      const hasPosition = !Number.isNaN(head('lonE7'));
      const origin = {
        vehicle,
        late: head('late') === 1,
        atMs: head('atMs'),
        ...(hasPosition ? { lonDeg: fromE7(head('lonE7')), latDeg: fromE7(head('latE7')) } : {}),
        cause: { partition, offset: head('offset'), index: head('index') },
        producedAtMs: head('producedAtMs'),
      };
      const episode = readEpisode(this.#steps, from + headWords, labels);
      return writeStep(alarmStepKinds[head('kind')]!, episode, origin, clearReasons[head('clearReason')]);
    });
    this.#count = 0;
    return steps;
  }
}
