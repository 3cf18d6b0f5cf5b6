import type { LiveWrite } from '@haulwatch/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunksOf } from './batch-chunks.ts';

const drop = (position: number, n: number): LiveWrite => ({ op: 'drop-alarm', position, alarmId: `${n}` });

/** Positions of a batch as a text: '000 12' stands for three writes of position 0, one of 1, one of 2, in two chunks. */
function check(after: number, upTo: number, positions: string, writesMax = 3): [string, string] {
  const writes = positions.split('').map((position, n) => drop(Number(position), n));
  const chunks = chunksOf({ after, upTo, writes }, writesMax);
  const spans = chunks.map((chunk) => `${chunk.after}..${chunk.upTo}`).join(' ');
  return [chunks.map((chunk) => chunk.writes.map((write) => write.position).join('')).join(' '), spans];
}

describe('a batch is cut between positions', () => {
  test.each<[string, number, number, string, string, string]>([
    ['empty', -1, 9, '', '', '-1..9'],
    ['short enough', -1, 9, '012', '012', '-1..9'],
    ['at the limit', -1, 5, '012345', '012 345', '-1..2 2..5'],
    ['before a position that would not fit', -1, 5, '0111', '0 111', '-1..0 0..5'],
    ['a position larger than the limit stays whole', -1, 5, '0111112', '0 11111 2', '-1..0 0..1 1..5'],
    ['one huge position at the end', -1, 5, '0011111', '00 11111', '-1..0 0..5'],
    ['nothing but one position', -1, 0, '000000', '000000', '-1..0'],
    ['the belief does not go back where the batch overlaps', 4, 6, '0123456', '012 345 6', '4..2 4..5 5..6'],
  ])('%s', (_what, after, upTo, positions, chunks, spans) => {
    expect(check(after, upTo, positions)).toEqual([chunks, spans]);
  });

  test('nothing is lost, nothing moved, no position in two chunks, no chunk longer than it has to be', () => {
    const steps = fc.array(fc.nat(3), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), (gaps, writesMax) => {
        let position = 0;
        const writes = gaps.map((gap, n) => drop((position += Math.max(0, gap - 2)), n));
        const chunks = chunksOf({ after: -1, upTo: position, writes }, writesMax);
        expect(chunks.flatMap((chunk) => chunk.writes)).toEqual(writes);
        const seen = chunks.map((chunk) => new Set(chunk.writes.map((write) => write.position)));
        expect(seen.reduce((sum, positions) => sum + positions.size, 0)).toBe(
          new Set(writes.map((w) => w.position)).size,
        );
        for (const [n, chunk] of chunks.entries()) {
          expect(chunk.writes.length <= writesMax || seen[n]!.size === 1).toBe(true);
        }
      }),
    );
  });
});
