import { Fleet } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { parseFleetRows } from './fleet-file.ts';

const fleet = new Fleet();
fleet.put({ id: 'OLD', number: 1, class: 'heavy', aliases: ['old-phone'] });

function problemsIn(...rows: Record<string, string>[]): unknown {
  const file = parseFleetRows(rows, fleet);
  return file.ok ? [] : file.problems.map(({ row, column, message }) => [row, column, message]);
}

test('rows become entries; empty cells are absent', () => {
  const rows = [
    {
      id: ' A ',
      class: 'coach',
      plate: '沪A1',
      company: 'Bus Co',
      district: '',
      aliases: '138; t-1|x',
      retired: '',
    },
    { id: 'B', class: 'mixer', plate: '', company: '', district: '', aliases: '', retired: 'yes' },
    { id: 'C', class: 'heavy', plate: '', company: '', district: '', aliases: '', retired: '0' },
  ];
  expect(parseFleetRows(rows)).toEqual({
    ok: true,
    entries: [
      { id: 'A', class: 'coach', plate: '沪A1', company: 'Bus Co', aliases: ['138', 't-1', 'x'] },
      { id: 'B', class: 'mixer', retired: true },
      { id: 'C', class: 'heavy' },
    ],
  });
  expect(parseFleetRows([])).toEqual({ ok: true, entries: [] });
});

describe('what is refused, with row and column', () => {
  test.each([
    [[{ id: '', class: 'coach' }], [[0, 'id', 'is missing: expected string']]],
    [[{ id: 'A', class: 'tank' }], [[0, 'class', 'expected one of "coach"|"hazmat"|"earthwork"|"mixer"|"heavy"']]],
    [
      [
        { id: 'A', class: 'coach' },
        { id: 'x'.repeat(65), class: 'coach' },
      ],
      [[1, 'id', 'must have at most 64 characters']],
    ],
    [[{ id: 'A', class: 'coach', retired: 'perhaps' }], [[0, 'retired', '"perhaps" is not true or false']]],
    [
      [
        { id: 'A', class: 'coach' },
        { id: 'A', class: 'heavy' },
      ],
      [[1, 'id', 'the id "A" stands twice']],
    ],
    [
      [
        { id: 'A', class: 'coach', aliases: 'B' },
        { id: 'B', class: 'coach', aliases: '' },
      ],
      [[0, 'aliases', '"B" names the vehicle "B" already']],
    ],
    [
      [
        { id: 'A', class: 'coach', aliases: 'p' },
        { id: 'B', class: 'coach', aliases: 'p' },
      ],
      [[1, 'aliases', '"p" names the vehicle "A" already']],
    ],
    [
      [{ id: 'A', class: 'coach', aliases: 'old-phone' }],
      [[0, 'aliases', '"old-phone" names the vehicle "OLD" already']],
    ],
    [[{ id: 'A', class: 'coach', aliases: 'OLD' }], [[0, 'aliases', '"OLD" names the vehicle "OLD" already']]],
    [[{ id: 'old-phone', class: 'coach' }], [[0, 'id', '"old-phone" is an alias of the vehicle "OLD" already']]],
    [
      [{ id: 'A', color: 'red' }],
      [
        [
          0,
          'color',
          'is not a column of a fleet file (id, class, plate, company, district, aliases, permits, retired)',
        ],
        [0, 'class', 'the column is missing'],
      ],
    ],
  ])('%j', (rows, problems) => {
    expect(problemsIn(...(rows as Record<string, string>[]))).toEqual(problems);
  });

  test('several mistakes are told together, in the order of the rows', () => {
    expect(
      problemsIn({ id: 'A', class: 'coach' }, { id: 'A', class: 'coach' }, { id: 'B', class: 'no' }),
    ).toMatchObject([
      [1, 'id', 'the id "A" stands twice'],
      [2, 'class', expect.any(String)],
    ]);
  });
});

test.each([
  ['a vehicle keeps its own aliases', [{ id: 'OLD', class: 'heavy', aliases: 'old-phone' }]],
  [
    'an alias moves where both vehicles are told',
    [
      { id: 'OLD', class: 'heavy', aliases: '' },
      { id: 'NEW', class: 'heavy', aliases: 'old-phone' },
    ],
  ],
  ['an alias may repeat the id of its own vehicle', [{ id: 'A', class: 'coach', aliases: 'A' }]],
])('taken: %s', (_name, rows) => {
  expect(problemsIn(...rows)).toEqual([]);
});
