import { ruleSpec, type CatalogueRuleId, type ClearReason } from '@haulwatch/domain';
import { kindRules, vehicleRules } from './catalogue/all-rules.ts';
import { episodeEnd, type Episode } from './episode.ts';
import { fenceClauses } from './presence.ts';
import type { Told } from './rule.ts';

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
    default: {
      const told = clause(episode.rule, episode, seconds, clearReason !== undefined);
      // A moment has no length, and minutes have been told already.
      const length = seconds === 0 || ruleSpec(episode.rule).unit === 'min' ? '' : ` for ${seconds} s`;
      return `${told}${length}, ${policy}${ending}`;
    }
  }
}

const closing: Readonly<Record<Exclude<ClearReason, 'condition-over'>, string>> = {
  gap: 'no report while it held',
  'rule-withdrawn': 'the policy no longer asks for it',
  'late-lane-over': 'no more late reports',
};

const tellers = new Map<CatalogueRuleId, (told: Told) => string>([
  ...[...vehicleRules, ...kindRules].map(({ id, tell }) => [id, tell] as const),
  ...Object.entries(fenceClauses).map(([id, tell]) => [id as keyof typeof fenceClauses, tell] as const),
]);

function clause(rule: CatalogueRuleId, episode: Episode, seconds: number, isOver: boolean): string {
  const tell = tellers.get(rule);
  if (tell === undefined) throw new Error(`no explanation is written for the rule ${rule}`);
  const value = (isOver ? episode.peak : episode.value) ?? Number.NaN;
  const limit = (isOver ? episode.peakLimit : episode.limit) ?? Number.NaN;
  return tell({ value, limit, seconds, isOver, name: episode.fenceName });
}
