import { ruleIds } from '@haulwatch/domain';
import { episodeAt, presenceAt } from '@haulwatch/rules';
import type { LaneList } from './lane-list.ts';
import { SnapshotError } from './snapshot-error.ts';
import { tallyAt } from './tallies.ts';

/** The order of the lists in a snapshot: later ones come at the end. */
export const listNames = ['episodes', 'presences', 'books', 'tallies', 'doubts', 'departures', 'formerStays'] as const;
export type ListName = (typeof listNames)[number];
export type LaneLists = { readonly [Name in ListName]: LaneList };

/** Words that hold labels, and those that hold twice a label and a bit: from 0 on they do, below they say something else. */
const labelWords: Readonly<Partial<Record<ListName, readonly number[]>>> = {
  episodes: [episodeAt.fence],
  presences: [presenceAt.fence],
  tallies: [tallyAt.label],
  formerStays: [presenceAt.fence],
};
const sourceWords = [episodeAt.limitSource, episodeAt.peakLimitSource];

/** Words that hold the number of a rule. */
const ruleWords: Readonly<Partial<Record<ListName, readonly number[]>>> = {
  episodes: [episodeAt.rule],
  tallies: [tallyAt.rule],
};

/** Puts other labels into a packed list: each of its things is the row of its lane, then its words. */
export function relabel(packed: Float64Array, words: number, name: ListName, labelOf: (label: number) => number): void {
  for (let from = 1; from < packed.length; from += 1 + words) {
    for (const word of labelWords[name] ?? []) {
      if (packed[from + word]! >= 0) packed[from + word] = labelOf(packed[from + word]!);
    }
    if (name !== 'episodes') continue;
    for (const word of sourceWords) {
      const source = packed[from + word]!;
      if (source >= 0) packed[from + word] = 2 * labelOf(source >> 1) + (source & 1);
    }
  }
}

/** Puts this engine's numbers of rules into a packed list that has them as `rules` lists them. @throws SnapshotError */
export function renumber(packed: Float64Array, words: number, name: ListName, rules: readonly string[]): void {
  for (const word of ruleWords[name] ?? []) {
    for (let at = 1 + word; at < packed.length; at += 1 + words) {
      const rule = rules[packed[at]!];
      // Most are where they were, and what counts for all rules stands under -1 in any engine.
      if (rule !== ruleIds[packed[at]!]) packed[at] = ruleNumber(rule!);
    }
  }
}

/** @throws SnapshotError */
export function ruleNumber(rule: string): number {
  const number = (ruleIds as readonly string[]).indexOf(rule);
  if (number < 0)
    throw new SnapshotError(`the snapshot has something of the rule '${rule}', which this engine does not know`);
  return number;
}

/** The last version of a snapshot that lacks something which this engine keeps, and can do without. */
export const formerVersion = 9;

/**
 * A list of a snapshot of the former version, as this engine has it: what was added since stands at the end of each thing. Of its
 * alarms that it has told nobody knows when they were over: they are taken to have been.
 */
export function widen(packed: Float64Array, words: number, name: ListName, policyVersion: number): Float64Array {
  const added: Readonly<Partial<Record<ListName, readonly number[]>>> = {
    episodes: [0],
    tallies: [-Infinity, -Infinity, -Infinity],
    departures: [policyVersion],
  };
  const more = added[name] ?? [];
  if (more.length === 0) return packed;
  const former = 1 + words - more.length;
  const wide = new Float64Array((packed.length / former) * (1 + words));
  for (let thing = 0; thing < packed.length / former; thing += 1) {
    wide.set(packed.subarray(thing * former, (thing + 1) * former), thing * (1 + words));
    wide.set(more, thing * (1 + words) + former);
  }
  return wide;
}
