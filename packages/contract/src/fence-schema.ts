import { fenceUses, unwrappedLonMaxDeg, vehicleClasses } from '@haulwatch/domain';
import { z } from 'zod';
import { scheduleSchema } from './schedule-schema.ts';
import { kph, level, tier } from './written-threshold.ts';

/** A circle wider than this is a drawing mistake; Shanghai is 120 km across. */
const radiusMaxM = 100_000;

/** A corridor is a road with its lanes or a route with some play: narrower than a lane or as wide as a city is a mistake. */
const halfWidthM = z.number().min(1).max(10_000);
/** Beyond it a street net is no longer the one that was drawn. */
const simplifyM = z.number().min(0.01).max(1_000);
/** A safety distance around a plant. */
const bufferM = z.number().min(1).max(5_000);

const latDeg = z.number().min(-90).max(90);
const centreSchema = z
  .tuple([z.number().min(-180).max(180), latDeg], z.number())
  .describe('[lonDeg, latDeg]; an altitude after them is not used');
const positionSchema = z
  .tuple([z.number().min(-unwrappedLonMaxDeg).max(unwrappedLonMaxDeg), latDeg], z.number())
  .describe('[lonDeg, latDeg]; over the antimeridian longitudes run on (179.9, 180.1) or are written 179.9, -179.9');

const ringSchema = z.array(positionSchema).superRefine((ring, context) => {
  if (ring.length < 4) {
    context.addIssue({
      code: 'custom',
      message: 'a ring needs at least 4 positions, the last equal to the first',
    });
    return;
  }
  const [first, last] = [ring[0], ring.at(-1)];
  if (first === undefined || last === undefined) return;
  if (first[0] !== last[0] || first[1] !== last[1]) {
    context.addIssue({
      code: 'custom',
      message: `the ring is not closed: repeat [${first[0]}, ${first[1]}] at its end`,
    });
  }
});

/** GeoJSON allows a bounding box everywhere; it is not used. */
const bbox = { bbox: z.array(z.number()).optional() };
const ringsSchema = z.array(ringSchema).min(1, 'a polygon needs an outer ring');

const geometrySchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('Polygon'), coordinates: ringsSchema, ...bbox }),
    z.strictObject({
      type: z.literal('MultiPolygon'),
      coordinates: z.array(ringsSchema).min(1),
      ...bbox,
    }),
    z.strictObject({
      type: z.literal('LineString'),
      coordinates: z.array(positionSchema).min(2, 'a line needs at least 2 positions'),
      ...bbox,
    }),
    z.strictObject({ type: z.literal('Point'), coordinates: centreSchema, ...bbox }),
  ],
  { error: 'expected a Polygon, a MultiPolygon, for a corridor a LineString or, for a circle, a Point' },
);

/** A week: longer than any stay that is meant. */
const dwellMaxS = z.number().positive().max(604_800);

const fencePropertiesSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    datum: z
      .enum(['WGS-84', 'GCJ-02'])
      .describe('Which datum the coordinates are in; Chinese map services give GCJ-02'),
    prohibited: z.boolean().optional(),
    limitKph: kph.optional(),
    uses: z.array(z.enum(fenceUses)).min(1).optional(),
    crowdMax: z.int().min(1).max(100_000).optional(),
    dwellMaxS: dwellMaxS.optional(),
    radiusM: z.number().positive().max(radiusMaxM).optional(),
    halfWidthM: halfWidthM.optional(),
    simplifyM: simplifyM.optional(),
    bufferM: bufferM.optional(),
    classes: z.array(z.enum(vehicleClasses)).min(1).optional(),
    schedule: scheduleSchema.optional(),
    level: level.optional(),
    tier: tier.optional(),
  })
  .refine(
    ({ prohibited, limitKph, uses, dwellMaxS: dwell }) =>
      prohibited === true || [limitKph, uses, dwell].some((one) => one !== undefined),
    { message: 'the fence does nothing: give it prohibited: true, a limitKph, uses or a dwellMaxS' },
  )
  .refine(({ crowdMax, uses = [] }) => crowdMax === undefined || uses.includes('enter'), {
    path: ['crowdMax'],
    message: 'counts who has entered: give the fence uses: [enter] too',
  });

const featureSchema = z
  .strictObject({
    type: z.literal('Feature'),
    id: z.union([z.string().min(1).max(64), z.number()], 'expected an id: a text of 1 to 64 characters, or a number'),
    geometry: geometrySchema,
    properties: fencePropertiesSchema,
    ...bbox,
  })
  .superRefine(({ geometry, properties }, context) => {
    for (const property of ['radiusM', 'halfWidthM', 'simplifyM', 'bufferM'] as const) {
      const message = sizeProblem(geometry.type, property, properties[property] !== undefined);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['properties', property], message });
    }
  });

type GeometryType = z.output<typeof geometrySchema>['type'];

/** Which measures a geometry needs and which it cannot have. */
function sizeProblem(
  type: GeometryType,
  property: 'radiusM' | 'halfWidthM' | 'simplifyM' | 'bufferM',
  given: boolean,
): string | undefined {
  const [isPoint, isLine] = [type === 'Point', type === 'LineString'];
  switch (property) {
    case 'radiusM':
      if (isPoint) return given ? undefined : 'is missing: a Point is a circle and needs its radius in metres';
      return given ? `a ${type} has no radius` : undefined;
    case 'halfWidthM':
      if (isLine)
        return given ? undefined : 'is missing: a LineString is a corridor and needs half its width in metres';
      return given ? `a ${type} has no width: only a LineString is a corridor` : undefined;
    case 'simplifyM':
      return given && isPoint ? 'a Point has nothing to simplify' : undefined;
    case 'bufferM':
      if (given && isPoint) return 'a circle needs no buffer: its distance is exact, make radiusM so much larger';
      if (given && isLine) return 'a corridor needs no buffer: its distance is exact, make halfWidthM so much larger';
      return undefined;
  }
}

/** The fences of a policy file: GeoJSON (RFC 7946) with our properties. */
export const fenceCollectionSchema = z
  .strictObject({ type: z.literal('FeatureCollection'), features: z.array(featureSchema), ...bbox })
  .superRefine(({ features }, context) => {
    const seen = new Map<string, number>();
    for (const [index, feature] of features.entries()) {
      const id = String(feature.id);
      const former = seen.get(id);
      if (former === undefined) seen.set(id, index);
      else {
        const message = `features[${former}] has this id already`;
        context.addIssue({ code: 'custom', path: ['features', index, 'id'], message });
      }
    }
  });

export type FenceCollection = z.output<typeof fenceCollectionSchema>;
export type FenceFeature = FenceCollection['features'][number];
