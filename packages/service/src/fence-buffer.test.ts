import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { growFence, preparePolicy, problemText } from '@haulwatch/contract';
import { topicsWithPrefix } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import { describe, expect, test } from 'vitest';
import { compilePolicy, type GrowLimits } from './fence-buffer.ts';
import { openPolicyRegistry } from './policy-registry.ts';
import { topicSpecs } from './topic-specs.ts';

const roomy: GrowLimits = { fenceMs: 60_000, totalMs: 60_000, heapMb: 512 };

/** A ring that zigzags, so that turf has something to do. */
function cogwheel(vertices: number): [number, number][] {
  const ring = Array.from({ length: vertices }, (_, vertex): [number, number] => {
    const angle = (2 * Math.PI * vertex) / vertices;
    const radiusDeg = vertex % 2 === 0 ? 0.1 : 0.05;
    return [121 + radiusDeg * Math.cos(angle), 31 + radiusDeg * Math.sin(angle)];
  });
  return [...ring, ...ring.slice(0, 1)];
}

function feature(id: string, vertices: number, properties: object = {}) {
  return {
    type: 'Feature',
    id,
    properties: { name: id, datum: 'WGS-84', prohibited: true, ...properties },
    geometry: { type: 'Polygon', coordinates: [cogwheel(vertices)] },
  };
}

function policyFile(...features: unknown[]) {
  return {
    name: 'Test',
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
    fences: { type: 'FeatureCollection', features },
  };
}

async function problemsOf(file: unknown, limits: GrowLimits): Promise<string[]> {
  const compiled = await compilePolicy(file, 1, limits);
  return compiled.ok ? [] : compiled.problems.map(problemText);
}

describe('fences with a bufferM', () => {
  test('the worker grows them and leaves the others as they are', async () => {
    const file = policyFile(feature('a', 8), feature('b', 8, { bufferM: 50 }), feature('c', 12, { bufferM: 100 }));
    const compiled = await compilePolicy(file, 7, roomy);
    const prepared = preparePolicy(file, 7);
    if (!compiled.ok || !prepared.ok) throw new Error('the file is right');
    expect(compiled.policy.version).toBe(7);
    expect(compiled.policy.fences[0]).toEqual(prepared.policy.fences[0]);
    expect(prepared.growths.map(({ fenceId }) => fenceId)).toEqual(['b', 'c']);
    for (const growth of prepared.growths) {
      const grown = await growFence(growth);
      if (!grown.ok) throw new Error(grown.problem.message);
      expect(grown.polygons).not.toEqual(growth.polygons);
      expect(compiled.policy.fences[growth.index]).toEqual({
        ...prepared.policy.fences[growth.index],
        shape: { kind: 'polygons', polygons: grown.polygons },
      });
    }
  });

  test('a fence that takes too long is ended and named; those after it are not tried', async () => {
    const file = policyFile(feature('a', 8), feature('b', 500, { bufferM: 50 }), feature('c', 500, { bufferM: 50 }));
    expect(await problemsOf(file, { ...roomy, fenceMs: 1 })).toEqual([
      "fences.features[1].properties.bufferM: fence 'b': was not grown by 50 m within 1 ms: give it a simplifyM, or draw the grown area",
    ]);
    expect(await problemsOf(file, { ...roomy, totalMs: 1 })).toEqual([
      "fences.features[1].properties.bufferM: fence 'b': was not grown by 50 m in the 1 ms that all fences of a policy have: give it a simplifyM, or draw the grown area",
    ]);
  });

  test('the worker has its own memory: where that is too little, the fence is named', async () => {
    expect(await problemsOf(policyFile(feature('b', 500, { bufferM: 50 })), { ...roomy, heapMb: 10 })).toEqual([
      "fences.features[0].properties.bufferM: fence 'b': was not grown by 50 m in 10 MB of memory: give it a simplifyM, or draw the grown area",
    ]);
  });

  test('one with too many vertices is refused before any work', async () => {
    expect(await problemsOf(policyFile(feature('b', 502, { bufferM: 50 })), { ...roomy, fenceMs: 1 })).toEqual([
      "fences.features[0].properties.bufferM: fence 'b': at most 500 vertices can be grown, these are 502: give it a simplifyM",
    ]);
  });

  test('simplified first, it is grown', async () => {
    const compiled = await compilePolicy(policyFile(feature('b', 502, { bufferM: 50, simplifyM: 1_000 })), 1, roomy);
    expect(compiled.ok ? [] : compiled.problems).toEqual([]);
  });

  test('publishing grows them; the same file again says the same', async () => {
    await using stack = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'haulwatch-service-'));
    stack.defer(() => rm(dir, { recursive: true }));
    const log = stack.adopt(await openSqliteLog({ dir }), (open) => open.close());
    const topics = topicsWithPrefix('');
    await log.ensureTopics(topicSpecs(topics, 1));
    const registry = stack.use(await openPolicyRegistry(log, topics.policies));
    const file = policyFile(feature('b', 8, { bufferM: 50 }));
    const compiled = await compilePolicy(file, 1, roomy);
    expect(compiled.ok).toBe(true);
    expect(await registry.publish(file)).toEqual({ ...compiled, published: true });
    expect(registry.active()).toEqual(compiled.ok && compiled.policy);
    expect(await registry.publish(file)).toEqual({ ...compiled, published: false });
  });
});
