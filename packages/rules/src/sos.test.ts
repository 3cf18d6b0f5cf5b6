import { expect, test } from 'vitest';
import { answer } from './_policy.ts';
import { observeSos } from './sos.ts';

test.each([
  [0b0, 'over'],
  [0b1, 'holds'],
  [0b110, 'over'],
  [0xffff_ffff, 'holds'],
  [0xffff_fffe, 'over'],
])('alarm flags %d', (alarmFlags, state) => {
  expect(answer({ alarmFlags }, observeSos)).toMatchObject({ state, level: 4, tier: 'T3' });
});
