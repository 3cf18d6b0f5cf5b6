import type { CatalogueRuleId } from '@haulwatch/domain';
import type { PlainFacts } from './_plain-facts.ts';

type Kind = { readonly subject: string; readonly level: number };

/** T/JSATL 12: the peripheral of each rule, first byte of a code. */
const peripherals: { readonly [R in CatalogueRuleId]?: number } = {
  adas: 0x64,
  dsm: 0x65,
  tpms: 0x66,
  bsd: 0x67,
  'terminal-manner': 0x70,
};

/** Reports that are no alarm: road sign seen, snapshot taken, another driver. */
const notices = ['6410', '6411', '6510', '6511', '6601'];

/** JT/T 808-2019: bits of the alarm word. */
const faults: readonly (readonly [bit: number, subject: string])[] = [
  [4, 'gnss-fault'],
  [5, 'gnss-antenna-open'],
  [6, 'gnss-antenna-short'],
  [7, 'power-low'],
  [9, 'display-fault'],
  [10, 'tts-fault'],
  [11, 'camera-fault'],
  [12, 'ic-card-fault'],
  [24, 'vss-fault'],
];

export const plainKinds: readonly CatalogueRuleId[] = [
  'terminal-fault',
  ...(Object.keys(peripherals) as CatalogueRuleId[]),
];

/** What a terminal tells in one fix that belongs to a rule; what it says is over is not there. */
export function toldKinds(rule: CatalogueRuleId, { fix }: PlainFacts): Kind[] {
  if (rule === 'terminal-fault') {
    const flags = fix.alarmFlags ?? 0;
    return faults.flatMap(([bit, subject]) => ((flags >>> bit) % 2 === 1 ? [{ subject, level: 0 }] : []));
  }
  return (fix.extra?.events ?? []).flatMap((packed): Kind[] => {
    const [code, level, state] = [packed >>> 4, (packed >>> 2) & 3, packed & 3];
    const subject = code.toString(16).padStart(4, '0');
    return code >>> 8 === peripherals[rule] && state !== 2 && !notices.includes(subject) ? [{ subject, level }] : [];
  });
}
