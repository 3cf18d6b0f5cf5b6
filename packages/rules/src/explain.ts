import type { ClearReason } from '@haulwatch/domain';
import { episodeEnd, type Episode } from './episode.ts';

/** One sentence that tells a person why there is an alarm, in the numbers of the fix and of the policy. */
export function explain(episode: Episode, atMs: number, clearReason: ClearReason | undefined): string {
  const seconds = Math.round(
    ((clearReason === undefined ? atMs : episodeEnd(episode, clearReason)) - episode.startedAtMs) / 1_000,
  );
  const policy = `policy v${episode.policyVersion}`;
  const ending =
    clearReason === undefined || clearReason === 'condition-over' ? '' : `; closed: ${closing[clearReason]}`;
  switch (episode.rule) {
    case 'overspeed': {
      const over = clearReason !== undefined;
      const value = over ? episode.peak : episode.value;
      const limit = over ? episode.peakLimit : episode.limit;
      const derived = episode.derived ? ', speed derived from displacement' : '';
      const source = over ? episode.peakLimitSource : episode.limitSource;
      return `${over ? 'up to ' : ''}${value} km/h for ${seconds} s where ${limit} applies (${source}${derived}), ${policy}${ending}`;
    }
    case 'prohibited-zone':
      return `inside prohibited zone '${episode.fenceName}' for ${seconds} s, ${policy}${ending}`;
    case 'sos':
      return `emergency button pressed, ${seconds} s, ${policy}${ending}`;
    default:
      return unknownRule(episode.rule);
  }
}

const closing: Readonly<Record<Exclude<ClearReason, 'condition-over'>, string>> = {
  gap: 'no report while it held',
  'rule-withdrawn': 'the policy no longer has this fence',
  'late-lane-over': 'no more late reports',
};

function unknownRule(rule: never): never {
  throw new Error(`no explanation is written for the rule ${String(rule)}`);
}
