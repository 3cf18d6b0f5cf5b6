import { z } from 'zod';
import { problemsOf, problemText } from './problem.ts';
import { permitsSchema } from './vehicle-schema.ts';
import { scheduleSchema } from './schedule-schema.ts';

const timeHelp = 'expected a time with its offset, such as 2026-01-01T00:00+08:00';
const time = z
  .string({ error: timeHelp })
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/, timeHelp)
  .transform((text) => Date.parse(text))
  .refine((ms) => Number.isFinite(ms), { error: timeHelp });

/** As people write a permit: times of the calendar, hours as policies have them. */
const writtenPermit = z
  .strictObject({
    id: z.string(),
    from: time,
    to: time,
    routes: z.array(z.string()).default([]),
    hours: scheduleSchema.exactOptional(),
  })
  .transform(({ from: fromMs, to: toMs, ...rest }) => ({ ...rest, fromMs, toMs }));

export type PermitCell =
  | { readonly ok: true; readonly permits: z.output<typeof permitsSchema> }
  | { readonly ok: false; readonly messages: readonly string[] };

/** All that a permit can have; `routes` and `hours` may be left out. */
const permitCellExample = JSON.stringify([
  {
    id: 'P-1',
    from: '2026-01-01T00:00+08:00',
    to: '2027-01-01T00:00+08:00',
    routes: ['route-1'],
    hours: [{ days: 'every-day', from: '22:00', to: '06:00' }],
  },
]);

/** Permits in a cell of a fleet file: a JSON array, written with `from` and `to`, or as the registry keeps them with `fromMs` and `toMs`. */
export function parsePermitCell(text: string): PermitCell {
  const value = jsonOf(text);
  if (!Array.isArray(value)) {
    return { ok: false, messages: [`is no JSON array, such as ${permitCellExample}`] };
  }
  const messages: string[] = [];
  const plain = value.map((one: unknown, index) => {
    if (typeof one === 'object' && one !== null && 'fromMs' in one) return one;
    const written = writtenPermit.safeParse(one);
    if (written.success) return written.data;
    messages.push(...problemsOf(written.error, one).map(({ path, message }) => told([index, ...path], message)));
    return undefined;
  });
  if (messages.length > 0) return { ok: false, messages };
  const permits = permitsSchema.safeParse(plain);
  if (permits.success) return { ok: true, permits: permits.data };
  const problems = problemsOf(permits.error, plain);
  return {
    ok: false,
    messages: problems.map(({ path, message }) => asWritten(told(path, message), value[Number(path[0])])),
  };
}

function told(path: readonly (string | number)[], message: string): string {
  return problemText({ path, message });
}

/** Of a permit written with `to` nobody should read about `toMs`. */
function asWritten(message: string, permit: unknown): string {
  const isKeptForm = typeof permit === 'object' && permit !== null && 'fromMs' in permit;
  return isKeptForm ? message : message.replaceAll(/\b(from|to)Ms\b/g, '$1');
}

/** Undefined: no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
