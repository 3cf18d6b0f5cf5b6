import { alarmAfter, type Alarm, type AlarmStep } from '@haulwatch/domain';
import { sampleStep } from '@haulwatch/testkit';
import { expect, test } from 'vitest';
import { diffAlarms } from './diff-alarms.ts';
import { diffText } from './diff-text.ts';

const startedAtMs = Date.parse('2026-03-01T15:59:00Z');

function alarm(vehicleId: string, told: Partial<AlarmStep> = {}): Alarm {
  return alarmAfter(
    sampleStep({
      vehicleId,
      startedAtMs,
      atMs: startedAtMs,
      endedAtMs: startedAtMs + 30_000,
      kind: 'cleared',
      ...told,
    }),
  );
}

const shanghai = { a: 'Asia/Shanghai', b: 'Asia/Shanghai' };

test('counts by rule, then what appears, vanishes and changes', () => {
  const zone = {
    rule: 'prohibited-zone',
    fenceId: 'gate',
    fenceName: 'Main gate',
    explanation: 'inside, policy v1',
  } as const;
  const diff = diffAlarms(
    [
      alarm('truck-1', { peak: 82, limit: 60, explanation: '82 km/h where 60 applies, policy v1; closed: why' }),
      alarm('truck-2', zone),
    ],
    [
      alarm('truck-1', {
        peak: 82,
        limit: 50,
        level: 3,
        suppressedBy: 'flapping',
        explanation: '82 where 50, policy v1',
      }),
      alarm('truck-3', { ...zone, late: true, endedAtMs: startedAtMs + 3_600_000 }),
    ],
  );
  expect(diffText(diff, { limit: 20, timeZones: shanghai })).toEqual([
    'rule             A  B  appeared  vanished  changed',
    'overspeed        1  1         0         0        1  level 1, limit 1, suppressed 1',
    'prohibited-zone  1  1         1         1        0',
    '',
    'appear under B: 1',
    '+ truck-3  prohibited-zone gate (Main gate)  2026-03-01 23:59:00..2026-03-02 00:59:00  level 2 T2, late',
    '    B: inside',
    '',
    'vanish under B: 1',
    '- truck-2  prohibited-zone gate (Main gate)  2026-03-01 23:59:00..23:59:30  level 2 T2',
    '    A: inside',
    '',
    'change under B: 1',
    '~ truck-1  overspeed  level, limit, suppressed',
    '    A: 2026-03-01 23:59:00..23:59:30  level 2 T2, peak 82 km/h, limit 60 km/h: 82 km/h where 60 applies; closed: why',
    '    B: 2026-03-01 23:59:00..23:59:30  level 3 T2, suppressed (flapping), peak 82 km/h, limit 50 km/h: 82 where 50',
  ]);
});

test('what is the same under both is only counted', () => {
  const run = [alarm('truck-1')];
  expect(diffText(diffAlarms(run, run), { limit: 20, timeZones: shanghai })).toEqual([
    'rule       A  B  appeared  vanished  changed',
    'overspeed  1  1         0         0        0',
  ]);
});

test('no alarm at all', () => {
  expect(diffText(diffAlarms([], []), { limit: 20, timeZones: shanghai })).toEqual(['no alarm under either policy']);
});

test.each([
  [0, 'appear under B: 3, the first 0', 0],
  [2, 'appear under B: 3, the first 2', 2],
  [3, 'appear under B: 3', 3],
])('with a limit of %i', (limit, title, shown) => {
  const diff = diffAlarms([], [alarm('a'), alarm('b'), alarm('c')]);
  const lines = diffText(diff, { limit, timeZones: shanghai });
  expect(lines).toContain(title);
  expect(lines.filter((line) => line.startsWith('+ '))).toHaveLength(shown);
});

test('each alarm in the local time of the policy that raised it, and one that goes on', () => {
  const { endedAtMs: _ended, ...open } = sampleStep({ vehicleId: 'b', startedAtMs, atMs: startedAtMs });
  const diff = diffAlarms([alarm('a')], [alarmAfter(open)]);
  const lines = diffText(diff, { limit: 20, timeZones: { a: 'UTC', b: 'Europe/Berlin' } });
  expect(lines).toContain('- a  overspeed  2026-03-01 15:59:00..15:59:30  level 2 T2');
  expect(lines).toContain('+ b  overspeed  2026-03-01 16:59:00..(open)  level 2 T2');
});
