import type { MotionSettings, Policy, Threshold } from '@haulwatch/domain';
import { z } from 'zod';
import { endMinuteOf, endsElsewhere, endsElsewhereHelp, fromTime, minuteOf, toTime } from './schedule-schema.ts';
import { kph, seconds, sourceNotStated, threshold, whenRight } from './written-threshold.ts';

/** What a policy has that says nothing of motion; also what those have that were published before motion was said. */
export const motionDefaults: MotionSettings = {
  movingFromKph: { value: 5, source: 'our choice: walking pace; the noise of a satellite speed stays below it' },
  stoppedToKph: {
    value: 2,
    source: 'our choice: between this and moving a vehicle does what it did, so that noise makes no stops',
  },
  restMinS: { value: 1_200, source: '道路交通安全法实施条例 第六十二条(七) (a rest of at least 20 min)' },
  accuracyMaxM: {
    value: 50,
    source:
      'our choice: a street with its pavements; a fix that is less sure does not say on which side of a fence it is',
  },
  fenceConfirmS: {
    value: 10,
    source: 'our choice: two reports at the usual 5 to 10 s, so that one stray fix is no entry',
  },
  night: {
    fromMinute: 22 * 60,
    toMinute: 6 * 60,
    source:
      'our choice: 22:00 to 06:00 is practice; 道路运输车辆动态监督管理办法 limits driving at night and names no hours',
  },
};

/** As for motion. */
export const lateSettleDefault: Threshold = {
  value: 60,
  source:
    'our choice: a terminal sends what it stored within a minute, a few hundred fixes in a packet, and in no sure order',
};

/** As for motion. */
export const flappingDefaults: Policy['flapping'] = {
  raisedMax: { value: 6, source: 'our choice: after six of a kind within the hour another call tells nobody anything' },
  withinS: { value: 3_600, source: 'our choice: an hour is as far back as an operator remembers what was told' },
};

/** As for motion. */
export const floodDefaults: Policy['flood'] = {
  toldMax: {
    value: 10,
    source: 'our choice: ANSI/ISA-18.2 calls more than ten alarms in ten minutes more than an operator can handle',
  },
  withinS: {
    value: 60,
    source:
      'our choice: no road makes so many in a minute, a broken terminal does; what goes on is told a minute later',
  },
};

const nightSchema = z
  .strictObject({ from: fromTime, to: toTime, source: z.string().min(1).default(sourceNotStated) })
  .refine(endsElsewhere, endsElsewhereHelp)
  .transform(({ from, to, source }) => ({ fromMinute: minuteOf(from), toMinute: endMinuteOf(to), source }));

function withDefault(number: z.ZodNumber, value: Threshold) {
  return threshold(number).default(value);
}

/** What is derived once for all rules; what is not said is as in `motionDefaults`. */
export const motionSchema = z
  .strictObject({
    movingFromKph: withDefault(kph, motionDefaults.movingFromKph),
    stoppedToKph: withDefault(z.number().min(0).max(200), motionDefaults.stoppedToKph),
    restMinS: withDefault(seconds.positive(), motionDefaults.restMinS),
    accuracyMaxM: withDefault(z.number().positive().max(10_000), motionDefaults.accuracyMaxM),
    fenceConfirmS: withDefault(z.number().min(0).max(3_600), motionDefaults.fenceConfirmS),
    night: nightSchema.default(motionDefaults.night),
  })
  .refine(({ movingFromKph, stoppedToKph }) => stoppedToKph.value <= movingFromKph.value, {
    ...whenRight,
    path: ['stoppedToKph'],
    error: 'must not be above movingFromKph',
  })
  .default(motionDefaults);

export const flappingSchema = z
  .strictObject({
    raisedMax: withDefault(z.int().min(1).max(1_000), flappingDefaults.raisedMax),
    withinS: withDefault(seconds.positive(), flappingDefaults.withinS),
  })
  .default(flappingDefaults);

export const floodSchema = z
  .strictObject({
    toldMax: withDefault(z.int().min(1).max(1_000), floodDefaults.toldMax),
    withinS: withDefault(seconds.positive(), floodDefaults.withinS),
  })
  .default(floodDefaults);
