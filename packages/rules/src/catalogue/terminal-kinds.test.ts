import { packEvent, type TerminalEvent } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import type { KindRule } from '../rule.ts';
import { kindsBy, type Changes } from './_facts.ts';
import { adas, bsd, dsm, terminalFault, terminalManner, tpms } from './terminal-kinds.ts';

/** The array is the engine's and longer than what this fix has. */
function told(...events: readonly TerminalEvent[]): Changes {
  const leftOver = packEvent({ code: 0x6405, level: 2, state: 1 });
  return { events: Float64Array.from([...events.map(packEvent), leftOver]), eventCount: events.length };
}

const event = (code: number, state: TerminalEvent['state'] = 0, level: TerminalEvent['level'] = 1): TerminalEvent => ({
  code,
  level,
  state,
});

test.each<[string, KindRule, number, string]>([
  ['adas', adas, 0x6401, '6401 1'],
  ['dsm', dsm, 0x6502, '6502 1'],
  ['tpms', tpms, 0x6603, '6603 1'],
  ['bsd', bsd, 0x6701, '6701 1'],
  ['terminal-manner', terminalManner, 0x7002, '7002 1'],
])('%s takes what is its own', (id, rule, code, expected) => {
  const all = told(event(0x6401), event(0x6502), event(0x6603), event(0x6701), event(0x7002));
  expect(rule.id).toBe(id);
  expect(kindsBy(rule, all)).toEqual([expected]);
  expect(rule.nameOf(code)).toMatchObject({ id: expected.slice(0, 4), name: expect.stringMatching(/\p{sc=Han}/u) });
});

describe('of the events of one peripheral', () => {
  test('all kinds hold at once, with their levels', () => {
    expect(kindsBy(dsm, told(event(0x6501, 1, 2), event(0x6502, 0, 1), event(0x6503, 1, 0)))).toEqual([
      '6501 2',
      '6502 1',
      '6503 0',
    ]);
  });

  test('one that ends does not hold', () => {
    expect(kindsBy(adas, told(event(0x6401, 2), event(0x6402, 1)))).toEqual(['6402 1']);
  });

  test('notices are no alarms: a recognised sign, a snapshot, another driver', () => {
    expect(kindsBy(adas, told(event(0x6410), event(0x6411)))).toEqual([]);
    expect(kindsBy(dsm, told(event(0x6510), event(0x6511)))).toEqual([]);
    expect(kindsBy(tpms, told(event(0x6601)))).toEqual([]);
  });

  test('a type that no standard has keeps its number', () => {
    expect(kindsBy(bsd, told(event(0x67e1)))).toEqual(['67e1 1']);
    expect(bsd.nameOf(0x67e1)).toEqual({ id: '67e1', name: "vendor's own 67e1" });
  });

  test('none, no alarm', () => {
    expect(kindsBy(adas, told())).toEqual([]);
  });
});

const faultBits: readonly (readonly [number, string])[] = [
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

test.each(faultBits)('alarm flag %i is %s', (bit, id) => {
  expect(kindsBy(terminalFault, { alarmFlags: 2 ** bit })).toEqual([`${id} 0`]);
});

test('faults hold side by side, and nothing else among the flags is one', () => {
  const all = faultBits.map(([, id]) => `${id} 0`);
  expect(kindsBy(terminalFault, { alarmFlags: 0xffff_ffff })).toEqual(all);
  const faults = faultBits.reduce((sum, [bit]) => sum + 2 ** bit, 0);
  expect(kindsBy(terminalFault, { alarmFlags: 0xffff_ffff - faults })).toEqual([]);
});

test('faults have a name in both languages', () => {
  for (const kind of faultBits.keys()) expect(terminalFault.nameOf(kind).name).toMatch(/^[A-Za-z ]+ .*\p{sc=Han}/u);
});
