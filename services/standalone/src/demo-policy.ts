import { readFile } from 'node:fs/promises';
import type { Fence, FenceShape, ScheduleWindow } from '@haulwatch/domain';
import { parse } from 'yaml';

/** The name of the policy that the demo publishes; one of another name is somebody's own and stays in force. */
export const demoPolicyName = 'Shanghai, demo';

/** The value of the default policy's file with the simulated city's zones added to its fences. */
export async function demoPolicyFile(policyFile: string, zones: readonly Fence[]): Promise<unknown> {
  const file = parse(await readFile(policyFile, 'utf8')) as { fences: { features: unknown[] } };
  const features = [...file.fences.features, ...zones.map(featureOf)];
  return { ...file, name: demoPolicyName, fences: { ...file.fences, features } };
}

function featureOf(fence: Fence): unknown {
  const { geometry, size } = writtenShape(fence.shape);
  return {
    type: 'Feature',
    id: fence.id,
    geometry,
    properties: {
      name: fence.name,
      datum: 'WGS-84',
      prohibited: fence.prohibited,
      ...(fence.limitKph !== undefined && { limitKph: fence.limitKph }),
      ...(fence.uses !== undefined && { uses: fence.uses }),
      ...(fence.crowdMax !== undefined && { crowdMax: fence.crowdMax }),
      ...(fence.dwellMaxS !== undefined && { dwellMaxS: fence.dwellMaxS }),
      classes: fence.classes,
      schedule: fence.schedule.map(windowOf),
      ...size,
    },
  };
}

function writtenShape(shape: FenceShape): { geometry: unknown; size: object } {
  switch (shape.kind) {
    case 'circle':
      return { geometry: { type: 'Point', coordinates: shape.centre }, size: { radiusM: shape.radiusM } };
    case 'corridor':
      return { geometry: { type: 'LineString', coordinates: shape.line }, size: { halfWidthM: shape.halfWidthM } };
    case 'polygons':
      return { geometry: { type: 'MultiPolygon', coordinates: shape.polygons }, size: {} };
  }
}

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function windowOf({ days, fromMinute, toMinute }: ScheduleWindow): unknown {
  return { days: days.map((day) => dayNames[day - 1]), from: clock(fromMinute), to: clock(toMinute) };
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
