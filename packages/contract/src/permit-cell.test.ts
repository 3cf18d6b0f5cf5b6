import { describe, expect, test } from 'vitest';
import { parseFleetRows } from './fleet-file.ts';
import { parsePermitCell } from './permit-cell.ts';

const fromMs = Date.parse('2026-01-01T00:00:00+08:00');
const toMs = Date.parse('2027-01-01T00:00:00+08:00');
const written = { id: 'P-1', from: '2026-01-01T00:00+08:00', to: '2026-12-31T16:00:00Z' };
const kept = { id: 'P-1', fromMs, toMs, routes: [] };

describe('permits in a cell', () => {
  test.each([
    ['written with times of the calendar', [written], [kept]],
    ['as the registry keeps them', [kept], [kept]],
    ['of both kinds', [{ ...written, routes: ['a'] }, kept], [{ ...kept, routes: ['a'] }, kept]],
    [
      'with hours as policies have them',
      [{ ...written, hours: [{ days: ['mon', 'tue'], from: '21:00', to: '24:00' }] }],
      [{ ...kept, hours: [{ days: [1, 2], fromMinute: 1_260, toMinute: 1_440 }] }],
    ],
    ['none', [], []],
  ])('%s', (_how, cell, permits) => {
    expect(parsePermitCell(JSON.stringify(cell))).toEqual({ ok: true, permits });
  });

  const timeHelp = 'expected a time with its offset, such as 2026-01-01T00:00+08:00';
  test.each([
    ['[1]', ['[0]: expected object, received number']],
    ['[{"id":"P-1","from":"2026-01-01","to":"2027-13-01T00:00Z"}]', [`[0].from: ${timeHelp}`, `[0].to: ${timeHelp}`]],
    [JSON.stringify([{ ...written, to: written.from }]), ['[0].to: must be after from']],
    [JSON.stringify([{ ...kept, toMs: 1 }]), ['[0].toMs: must be after fromMs']],
    [
      JSON.stringify([{ ...written, hours: [{ days: 'every-day', from: '25:00', to: '05:00' }] }]),
      ['[0].hours[0].from: expected a time "HH:MM" between 00:00 and 23:59, in quotes'],
    ],
    [JSON.stringify([{ ...written, route: 'a' }]), [expect.stringMatching(/^\[0\]\.route: /)]],
  ])('%s is refused', (cell, messages) => {
    expect(parsePermitCell(cell)).toEqual({ ok: false, messages });
  });

  test.each(['yes', '', '{"id":"P-1"}'])("'%s' is refused with an example, which is taken as it stands", (cell) => {
    const refused = parsePermitCell(cell);
    const [message = ''] = refused.ok ? [] : refused.messages;
    expect(message).toMatch(/^is no JSON array, such as \[/);
    const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1_320, toMinute: 360 }];
    expect(parsePermitCell(message.slice(message.indexOf('[')))).toEqual({
      ok: true,
      permits: [{ ...kept, routes: ['route-1'], hours }],
    });
  });

  test('a row tells column and place', () => {
    const rows = [{ id: 'A', class: 'earthwork', permits: JSON.stringify([kept, { ...written, from: 'May' }]) }];
    expect(parseFleetRows(rows)).toEqual({
      ok: false,
      problems: [{ row: 0, column: 'permits', message: `[1].from: ${timeHelp}` }],
    });
  });
});
