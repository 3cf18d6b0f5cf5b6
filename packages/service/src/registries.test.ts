import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeVehicle } from '@haulwatch/codec';
import { topicsWithPrefix, type Policy, type VehicleClass } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import type { Log } from '@haulwatch/ports';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFleetRegistry } from './fleet-registry.ts';
import { openPolicyRegistry, type PolicyListener } from './policy-registry.ts';
import { topicSpecs } from './topic-specs.ts';

const topics = topicsWithPrefix('');

type Written = Pick<Log, 'append' | 'follow'>;

async function openLog(): Promise<Log> {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-service-'));
  stack.defer(() => rm(dir, { recursive: true }));
  const log = stack.adopt(await openSqliteLog({ dir }), (open) => open.close());
  await log.ensureTopics(topicSpecs(topics, 1));
  return log;
}

/** A log on which a second program writes its records just before the first append of the first program. */
function withRival(log: Log, rival: () => Promise<unknown>): Written {
  let first = true;
  const append: Log['append'] = async (topic, records) => {
    if (first) {
      first = false;
      await rival();
    }
    return log.append(topic, records);
  };
  return { follow: (topic, onRecord) => log.follow(topic, onRecord), append };
}

const fleetOf = (ids: readonly string[], vehicleClass: VehicleClass = 'heavy') =>
  ids.map((id) => ({ id, class: vehicleClass }));

describe('the fleet', () => {
  const openFleet = async (log: Written) => {
    const registry = await openFleetRegistry(log, topics.fleet);
    onTestFinished(() => registry[Symbol.asyncDispose]());
    return registry;
  };

  test('what is registered is there at once, and for whoever opens it later', async () => {
    const log = await openLog();
    const registry = await openFleet(log);
    expect(await registry.register(fleetOf(['a', 'b']))).toEqual({ registered: 2, unchanged: 0 });
    expect(registry.fleet.find('b')?.number).toBe(2);
    expect(await registry.register(fleetOf(['b', 'c']))).toEqual({ registered: 1, unchanged: 1 });
    const later = await openFleet(log);
    expect([...later.fleet.vehicles()].map(({ id, number }) => [id, number])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
  });

  test('a number names one vehicle, though two programs gave it at the same moment', async () => {
    const log = await openLog();
    const rival = await openFleet(log);
    const registry = await openFleet(withRival(log, () => rival.register(fleetOf(['theirs']))));
    await registry.register(fleetOf(['ours']));
    for (const { fleet } of [registry, rival, await openFleet(log)]) {
      await expect.poll(() => [fleet.find('theirs')?.number, fleet.find('ours')?.number]).toEqual([1, 2]);
      expect(fleet.findNumber(1)?.id).toBe('theirs');
    }
  });

  test('a record that cannot be read is told, and the rest stands', async () => {
    const log = await openLog();
    const values = ['{', encodeVehicle({ id: 'a', number: 1, class: 'mixer' }), '{"id":"b"}', null];
    await log.append(
      topics.fleet,
      values.map((value, n) => ({ partition: 0, key: `k${n}`, value })),
    );
    const told: [string, number][] = [];
    const registry = await openFleetRegistry(log, topics.fleet, ({ reason }, offset) => told.push([reason, offset]));
    onTestFinished(() => registry[Symbol.asyncDispose]());
    expect(registry.fleet.size).toBe(1);
    expect(told).toEqual([
      ['json-broken', 0],
      ['field-missing', 2],
    ]);
  });
});

describe('the policies', () => {
  const openPolicies = async (log: Written, listener?: PolicyListener) => {
    const registry = await openPolicyRegistry(log, topics.policies, listener);
    onTestFinished(() => registry[Symbol.asyncDispose]());
    return registry;
  };

  test('one of the past that silences the emergency button is obeyed otherwise, and that is said', async () => {
    const log = await openLog();
    const file = await openPolicies(log);
    const published = await file.publish(policyFile('a'));
    if (!published.ok) throw new Error('the policy does not parse');
    const { policy } = published;
    const old = { ...policy, version: 2, sos: { ...policy.sos, tier: 'T0' } };
    await log.append(topics.policies, [{ partition: 0, key: 'old', value: JSON.stringify(old) }]);
    const said: [string, number][] = [];
    const registry = await openPolicies(log, { onAmended: (detail, offset) => said.push([detail, offset]) });
    expect(registry.active()).toMatchObject({ version: 2, sos: { tier: 'T2' } });
    expect(said).toEqual([['policy v2: sos has tier T0, taken for T2; publish it anew', 1]]);
  });

  test('each that comes into force is told, to those who listen already and to those who come', async () => {
    const log = await openLog();
    const told: string[] = [];
    const registry = await openPolicies(log, {
      onActive: ({ name, version }: Policy) => told.push(`${version} ${name}`),
    });
    expect(registry.active()).toBeUndefined();
    expect(await registry.publish(policyFile('a'))).toMatchObject({
      ok: true,
      published: true,
      policy: { version: 1 },
    });
    expect(await registry.publish(policyFile('a'))).toMatchObject({
      ok: true,
      published: false,
      policy: { version: 1 },
    });
    expect(await registry.publish(policyFile('b'))).toMatchObject({
      ok: true,
      published: true,
      policy: { version: 2 },
    });
    expect(told).toEqual(['1 a', '2 b']);
    expect((await openPolicies(log)).active()).toEqual(registry.active());
  });

  test('a bad file is refused with its problems, and nothing is written', async () => {
    const log = await openLog();
    const outcome = await (await openPolicies(log)).publish({ ...policyFile('a'), timeZone: 'Mars' });
    expect(outcome).toMatchObject({ ok: false, problems: [{ path: ['timeZone'] }] });
    expect(await log.endOffsets(topics.policies)).toEqual([0]);
  });

  test('a version names one content, though two programs published at the same moment', async () => {
    const log = await openLog();
    const rival = await openPolicies(log);
    const registry = await openPolicies(withRival(log, () => rival.publish(policyFile('theirs'))));
    expect(await registry.publish(policyFile('ours'))).toMatchObject({ published: true, policy: { version: 2 } });
    const versions: string[] = [];
    await openPolicies(log, { onActive: ({ name, version }) => versions.push(`${version} ${name}`) });
    expect(versions).toEqual(['1 theirs', '2 ours']);
  });
});

function policyFile(name: string) {
  return {
    name,
    timeZone: 'Asia/Shanghai',
    unknownVehicles: 'reject',
    time: { clockAheadMaxS: 60, reorderMaxS: 5, gapMaxS: 90, lateLaneIdleS: 600 },
    rules: {
      overspeed: {
        limitsKph: { coach: 100, hazmat: 80, earthwork: 60, mixer: 60, heavy: 100 },
        minDurationS: 30,
        clearBelowKph: 3,
        clearAfterS: 60,
        plausibleMaxKph: 160,
        tiers: [{ excessPercent: 0, level: 1, tier: 'T0' }],
      },
      'prohibited-zone': { minDurationS: 30, clearAfterS: 60, level: 3, tier: 'T2' },
      sos: { clearAfterS: 60, level: 4, tier: 'T3' },
    },
  };
}
