import { tiers, type AlarmStep } from '@haulwatch/domain';
import type { PlainStep } from './_plain-engine.ts';
import { epochMs } from './_trial.ts';

/** A step of the engine as the plain ones tell it. */
export function plainStep(step: AlarmStep): PlainStep {
  const { kind, rule, level, value, limit } = step;
  const seconds = (ms: number): number => (ms - epochMs) / 1_000;
  return {
    atS: seconds(step.atMs),
    kind,
    vehicle: step.vehicleId,
    rule,
    fence: step.fenceId ?? step.subject ?? '',
    startedS: seconds(step.startedAtMs),
    level,
    tier: step.suppressedBy === undefined ? tiers.indexOf(step.tier) : undefined,
    value,
    limit,
    ...(step.endedAtMs === undefined ? {} : { endedS: seconds(step.endedAtMs), gap: step.clearReason === 'gap' }),
  };
}

export function sortedSteps(steps: readonly PlainStep[]): PlainStep[] {
  const key = ({ atS, vehicle, rule, fence, startedS, kind }: PlainStep): string =>
    [String(atS).padStart(9), vehicle, rule, fence, String(startedS).padStart(9), kind].join(' ');
  return steps.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The plain steps without the tiers of those that the engine has told under none: why it has is not known to the plain ones. */
export function hushedAlike(plain: readonly PlainStep[], told: readonly PlainStep[]): PlainStep[] {
  return sortedSteps(plain).map((step, i) => ({ ...step, tier: told[i]?.tier === undefined ? undefined : step.tier }));
}
