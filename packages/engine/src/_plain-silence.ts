import type { Policy } from '@haulwatch/domain';
import type { Seen } from './_plain-episodes.ts';
import type { PlainFacts } from './_plain-facts.ts';
import type { Journey } from './_plain-place.ts';
import type { TrackRow } from './_trial.ts';

/** How often silent vehicles are looked for. */
const everyS = 10;

/** When the partition's time has made somebody look at a vehicle that was silent for more than a gap: by the rows of all. */
export function looksAt(rows: readonly TrackRow[], vehicle: string, gapS: number): number[] {
  const looks: number[] = [];
  let lookedS = -Infinity;
  for (const [i, row] of rows.entries()) {
    if (row.receivedS < Math.floor(lookedS / everyS) * everyS + everyS) continue;
    lookedS = row.receivedS;
    const heard = rows.slice(0, i).findLast((one) => one.vehicle === vehicle);
    if (row.vehicle !== vehicle && heard !== undefined && lookedS - heard.receivedS > gapS) looks.push(lookedS);
  }
  return looks;
}

/** What is known at fixes, and at looks between them: what the last fix said, and for how long nothing was heard. */
export function withLooks({ policy }: Journey, all: readonly PlainFacts[], looks: readonly number[]): PlainFacts[] {
  const seen = looks.map((atS): PlainFacts => {
    const last = all.findLast((facts) => facts.fix.receivedS < atS)!;
    const stoodS = last.motion === 'stopped' ? atS - last.motionSinceS! : 0;
    const rested = stoodS >= policy.motion.restMinS.value;
    return {
      ...last,
      atS,
      silentS: atS - last.fix.receivedS,
      kph: undefined,
      ...(rested ? { drivenS: 0, nightDrivenS: 0 } : {}),
    };
  });
  return [...all, ...seen].toSorted((a, b) => a.atS - b.atS);
}

/** How long a silence ends what does not last across gaps: when a moving vehicle is missed, but never within a gap. */
export function goneAfterS({ rules, time }: Policy): number {
  const { offline } = rules;
  const missedS = offline?.thresholds.movingS.value ?? 300;
  return Math.max(missedS, time.gapMaxS.value + time.clockAheadMaxS.value);
}

/** With the times at which somebody saw that nothing is known any more. */
export function withSilences(seen: readonly Seen[], silences: readonly number[]): Seen[] {
  const unknown = silences.map((atS): Seen => ({ atS, state: 'unknown', level: 0, tier: 0 }));
  return [...seen, ...unknown].toSorted((a, b) => a.atS - b.atS);
}
