import { fenceUses, vehicleClasses, type Fence, type FenceShape, type FenceUse, type Ring } from '@haulwatch/domain';
import type { FenceCollection, FenceFeature } from './fence-schema.ts';
import { onLattice, toDegrees } from './lattice-ring.ts';
import { polygonsShape, prepareLine, preparePolygons, type Prepared } from './prepare-shape.ts';
import type { Problem } from './problem.ts';

/** A fence that is still to be grown by its `bufferM`: slow work, done by `growFence` in a thread of its own. */
export type FenceGrowth = {
  /** Its place in the policy's fences. */
  readonly index: number;
  readonly fenceId: string;
  readonly polygons: readonly (readonly Ring[])[];
  readonly bufferM: number;
};

type FencesOfFile =
  | { readonly ok: true; readonly fences: readonly Fence[]; readonly growths: readonly FenceGrowth[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Vertices of a fence that is to be grown. turf takes some 0.3 s for 500 noisy ones and seconds at worst; the work
 * grows faster than their number.
 */
const growVerticesMax = 500;

/** The fences as the engine takes them: WGS-84 on the 1e-7 degree lattice, rings valid, times as minutes. */
export function fencesOf(collection: FenceCollection): FencesOfFile {
  const fences: Fence[] = [];
  const growths: FenceGrowth[] = [];
  const problems: Problem[] = [];
  for (const [index, feature] of collection.features.entries()) {
    const shape = shapeOf(feature);
    if (!shape.ok) {
      for (const { path, message } of shape.problems)
        problems.push(fenceProblem(index, String(feature.id), path, message));
      continue;
    }
    const fence = fenceOf(feature, shape.value);
    fences.push(fence);
    const { bufferM } = feature.properties;
    if (bufferM === undefined || shape.value.kind !== 'polygons') continue;
    const { polygons } = shape.value;
    const count = polygons.flat().reduce((sum, ring) => sum + ring.length - 1, 0);
    growths.push({ index, fenceId: fence.id, polygons, bufferM });
    if (count <= growVerticesMax) continue;
    const message = `at most ${growVerticesMax} vertices can be grown, these are ${count}: give it a simplifyM`;
    problems.push(fenceProblem(index, fence.id, ['properties', 'bufferM'], message));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, fences, growths };
}

/** A problem of a fence, under its path in a policy file. */
export function fenceProblem(index: number, fenceId: string, path: Problem['path'], message: string): Problem {
  return { path: ['fences', 'features', index, ...path], message: `fence '${fenceId}': ${message}` };
}

function fenceOf({ id, properties }: FenceFeature, shape: FenceShape): Fence {
  return {
    id: String(id),
    name: properties.name,
    shape,
    prohibited: properties.prohibited ?? false,
    ...(properties.limitKph !== undefined && { limitKph: properties.limitKph }),
    ...(properties.uses !== undefined && { uses: usesOf(properties.uses) }),
    ...(properties.crowdMax !== undefined && { crowdMax: properties.crowdMax }),
    ...(properties.dwellMaxS !== undefined && { dwellMaxS: properties.dwellMaxS }),
    classes: properties.classes ?? vehicleClasses,
    schedule: properties.schedule ?? [],
    ...(properties.level !== undefined && { level: properties.level }),
    ...(properties.tier !== undefined && { tier: properties.tier }),
  };
}

/** Each once, in the order of `fenceUses`: the same uses are the same policy however they are written. */
function usesOf(written: readonly FenceUse[]): readonly FenceUse[] {
  return fenceUses.filter((use) => written.includes(use));
}

/** Paths of problems begin at the feature. */
function shapeOf({ geometry, properties }: FenceFeature): Prepared<FenceShape> {
  const { datum, simplifyM, radiusM = 0, halfWidthM = 0 } = properties;
  switch (geometry.type) {
    case 'Point': {
      const [centre = [0, 0]] = toDegrees(onLattice([geometry.coordinates], datum).points);
      return { ok: true, value: { kind: 'circle', centre, radiusM } };
    }
    case 'LineString': {
      const line = prepareLine(geometry.coordinates, { datum, simplifyM });
      return line.ok ? { ok: true, value: { kind: 'corridor', line: line.value, halfWidthM } } : below(line, 0);
    }
    case 'Polygon': {
      const polygons = preparePolygons([geometry.coordinates], { datum, simplifyM });
      return polygons.ok ? { ok: true, value: polygonsShape(polygons.value) } : below(polygons, 1);
    }
    case 'MultiPolygon': {
      const polygons = preparePolygons(geometry.coordinates, { datum, simplifyM });
      return polygons.ok ? { ok: true, value: polygonsShape(polygons.value) } : below(polygons, 0);
    }
  }
}

/** The problems with their paths under the feature, without the first `cut` keys. */
function below({ problems }: { readonly problems: readonly Problem[] }, cut: number): Prepared<never> {
  const paths = problems.map(({ path, message }) => ({
    path: ['geometry', 'coordinates', ...path.slice(cut)],
    message,
  }));
  return { ok: false, problems: paths };
}
