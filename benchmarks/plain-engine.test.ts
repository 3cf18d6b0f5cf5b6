import { compilePolicy } from '@haulwatch/rules';
import type { AlarmStep } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { differingAlarms } from './alarm-lines.ts';
import { EngineFeed } from './engine-feed.ts';
import { makeFenceWorld } from './fence-world.ts';
import { FixStream } from './fix-stream.ts';
import { PlainEngine } from './plain-engine.ts';
import type { PlainAlarm } from './plain-episode.ts';
import { policyOver } from './world-policy.ts';

test('the plain engine and ours tell the same alarms of a small world', async () => {
  const world = makeFenceWorld({ fences: 4_000, vertices: 12, seed: 5 });
  const policy = await policyOver(world, 5, 6);
  const stream = new FixStream(world, { vehicles: 400, seed: 5, textsBelow: 400, trouble: 15 });
  const plain = new PlainEngine(policy, stream.fleet.vehicles());
  const feed = new EngineFeed(stream.fleet, compilePolicy(policy));
  const [ours, theirs]: [AlarmStep[], PlainAlarm[]] = [[], []];
  let rows = 0;
  for (let second = 0; second < 150; second += 1) {
    const tick = stream.next();
    rows += tick.fixes;
    ours.push(...feed.take(tick.frames, tick.receivedAtMs));
    theirs.push(...tick.texts.flatMap((text) => plain.take(text)));
  }
  feed.expectAllTaken(rows);
  expect(differingAlarms(ours, theirs)).toEqual([]);
  expect(plain.late).toBe(0);
  expect(plain.duplicates).toBe(feed.engine.counters.duplicates);
  expect(plain.duplicates).toBeGreaterThan(0);
  const kinds = new Set(theirs.map(({ rule, kind }) => `${rule} ${kind}`));
  expect([...kinds].sort()).toEqual([
    'overspeed cleared',
    'overspeed escalated',
    'overspeed raised',
    'prohibited-zone cleared',
    'prohibited-zone raised',
    'sos cleared',
    'sos raised',
  ]);
});
