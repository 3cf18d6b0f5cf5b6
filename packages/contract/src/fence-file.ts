import {
  fromE7,
  tiers,
  toE7,
  vehicleClasses,
  type Datum,
  type Fence,
  type FenceShape,
  type Ring,
  type ScheduleWindow,
} from '@haulwatch/domain';
import { z } from 'zod';
import { gcj02ToWgs84 } from './gcj02.ts';

/** A circle wider than this is a drawing mistake; Shanghai is 120 km across. */
const radiusMaxM = 100_000;

/** Days as a fence file writes them, in the order of `ScheduleWindow.days`: Monday is 1. */
const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const positionSchema = z
  .tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)], z.number())
  .describe('[lonDeg, latDeg]; an altitude after them is not used');

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
    return;
  }
  if (new Set(ring.map(([lon, lat]) => `${lon} ${lat}`)).size < 3) {
    context.addIssue({
      code: 'custom',
      message: 'the ring has fewer than 3 different positions, so no area',
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
    z.strictObject({ type: z.literal('Point'), coordinates: positionSchema, ...bbox }),
  ],
  { error: 'expected a Polygon, a MultiPolygon or, for a circle, a Point' },
);

const fromTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time "HH:MM" between 00:00 and 23:59, in quotes');
const toTime = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected a time "HH:MM" between 00:00 and 24:00, in quotes');

const windowSchema = z.strictObject({
  days: z.union([z.literal('every-day'), z.array(z.enum(dayNames)).min(1)]),
  from: fromTime,
  to: toTime,
});

const fencePropertiesSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    datum: z
      .enum(['WGS-84', 'GCJ-02'])
      .describe('Which datum the coordinates are in; Chinese map services give GCJ-02'),
    prohibited: z.boolean().optional(),
    limitKph: z.number().positive().max(200).optional(),
    radiusM: z.number().positive().max(radiusMaxM).optional(),
    classes: z.array(z.enum(vehicleClasses)).min(1).optional(),
    schedule: z.array(windowSchema).optional(),
    level: z.literal([1, 2, 3, 4]).optional(),
    tier: z.enum(tiers).optional(),
  })
  .refine((properties) => properties.prohibited === true || properties.limitKph !== undefined, {
    message: 'the fence does nothing: give it prohibited: true or a limitKph',
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
    if (geometry.type === 'Point' && properties.radiusM === undefined) {
      const message = 'is missing: a Point is a circle and needs its radius in metres';
      context.addIssue({ code: 'custom', path: ['properties', 'radiusM'], message });
    }
    if (geometry.type !== 'Point' && properties.radiusM !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['properties', 'radiusM'],
        message: `a ${geometry.type} has no radius`,
      });
    }
  });

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
        const message = `fence ${former} has the id "${id}" already`;
        context.addIssue({ code: 'custom', path: ['features', index, 'id'], message });
      }
    }
  });

type FenceCollection = z.output<typeof fenceCollectionSchema>;
type Geometry = z.output<typeof geometrySchema>;
type Position = z.output<typeof positionSchema>;

/** The fences as the engine takes them: WGS-84 on the 1e-7 degree lattice, times as minutes. */
export function fencesOf(collection: FenceCollection): Fence[] {
  return collection.features.map(({ id, geometry, properties }) => ({
    id: String(id),
    name: properties.name,
    shape: shapeOf(geometry, properties.radiusM ?? 0, properties.datum),
    prohibited: properties.prohibited ?? false,
    ...(properties.limitKph !== undefined && { limitKph: properties.limitKph }),
    classes: properties.classes ?? vehicleClasses,
    schedule: (properties.schedule ?? []).map(windowOf),
    ...(properties.level !== undefined && { level: properties.level }),
    ...(properties.tier !== undefined && { tier: properties.tier }),
  }));
}

function shapeOf(geometry: Geometry, radiusM: number, datum: Datum): FenceShape {
  switch (geometry.type) {
    case 'Point':
      return { kind: 'circle', centre: toWgs84(geometry.coordinates, datum), radiusM };
    case 'Polygon':
      return { kind: 'polygons', polygons: [ringsOf(geometry.coordinates, datum)] };
    case 'MultiPolygon':
      return {
        kind: 'polygons',
        polygons: geometry.coordinates.map((rings) => ringsOf(rings, datum)),
      };
  }
}

function ringsOf(rings: readonly (readonly Position[])[], datum: Datum): Ring[] {
  return rings.map((ring) => ring.map((position) => toWgs84(position, datum)));
}

/** Converted positions are put on the lattice, so that the wire form does not carry digits that mean nothing. */
function toWgs84([lonDeg, latDeg]: Position, datum: Datum): [number, number] {
  if (datum === 'WGS-84') return [lonDeg, latDeg];
  const [lon, lat] = gcj02ToWgs84(lonDeg, latDeg);
  return [fromE7(toE7(lon)), fromE7(toE7(lat))];
}

function windowOf(window: z.output<typeof windowSchema>): ScheduleWindow {
  const names = window.days === 'every-day' ? dayNames : window.days;
  const days = [...new Set(names.map((name) => dayNames.indexOf(name) + 1))].sort((a, b) => a - b);
  // `to` is exclusive, so midnight as an end is 1,440, never 0.
  return { days, fromMinute: minuteOf(window.from), toMinute: minuteOf(window.to) || 1_440 };
}

function minuteOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
