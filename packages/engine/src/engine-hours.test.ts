import { describe, expect, test } from 'vitest';
import { basePolicy, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** Second 0 is Monday 00:00 in Shanghai: night until 21,600. A rest is 20 min. */
const morning = 25_200;
const hour = 3_600;

function policyOf(rules: object): TrialOptions {
  return { policy: { ...basePolicy, rules } };
}

/** Fixes every 30 s from one time to another, driving 3 thousandths of a degree a fix, or standing. */
function drive(fromS: number, toS: number, kph = 50, words = ''): string {
  const lines: string[] = [];
  for (let atS = fromS; atS <= toS; atS += 30) lines.push(`${atS} ${kph} ${kph === 0 ? 0 : atS / 10},0 ${words}`);
  return lines.join('\n');
}

const fatigue = policyOf(settings('continuous-driving', { dayMaxS: 4 * hour, nightMaxS: 2 * hour }));

test('four hours by day are allowed, the next fix is one too many, and only a rest ends it', () => {
  const trial = new Trial(fatigue);
  expect(trial.take(drive(morning, morning + 4 * hour))).toEqual([]);
  expect(trial.take(drive(morning + 4 * hour + 30, morning + 4 * hour + 60))).toEqual([
    `${morning + 4 * hour + 30} raised continuous-driving 240>240 L2`,
  ]);
  // Standing for 19 min is no rest.
  const stopS = morning + 4 * hour + 90;
  expect(trial.take(drive(stopS, stopS + 1_140, 0))).toEqual([]);
  expect(trial.take(drive(stopS + 1_170, stopS + 1_200, 0))).toEqual([]);
  expect(trial.take(drive(stopS + 1_230, stopS + 1_260, 0))).toEqual([
    `${stopS + 1_230} cleared continuous-driving ${morning + 4 * hour + 30}..${stopS + 1_200} 241>240`,
  ]);
});

test('two stops of 19 min between three drives are no rest, one of 20 is', () => {
  const track = (stopS: number): string =>
    [
      drive(morning, morning + 2 * hour),
      drive(morning + 2 * hour + 30, morning + 2 * hour + 30 + stopS, 0),
      drive(morning + 2 * hour + 60 + stopS, morning + 4 * hour + 120 + stopS),
    ].join('\n');
  expect(new Trial(fatigue).take(track(1_140))).toHaveLength(1);
  expect(new Trial(fatigue).take(track(1_200))).toEqual([]);
});

test('two hours at night are too many', () => {
  // From 03:00 on; it is 06:00 before four hours are driven.
  const trial = new Trial(fatigue);
  expect(trial.take(drive(3 * hour, 5 * hour))).toEqual([]);
  expect(trial.take(drive(5 * hour + 30, 5 * hour + 30))).toEqual([
    `${5 * hour + 30} raised continuous-driving 120>120 L2`,
  ]);
  // From 04:30 on 90 min of it are at night.
  expect(new Trial(fatigue).take(drive(4.5 * hour, 8 * hour))).toEqual([]);
});

test('a gap that the vehicle drove through counts, one that it stood through is a rest', () => {
  const first = drive(morning, morning + 3 * hour);
  const after = morning + 3 * hour + 1_800;
  const drove = `${after} 50 ${after / 10},0 \n ${after + 30} 50 ${after / 10 + 3},0`;
  const trial = new Trial(fatigue);
  expect(trial.take(first)).toEqual([]);
  expect(trial.take(drove)).toEqual([]);
  expect(trial.take(drive(after + 60, after + 1_860))).toEqual([
    `${after + 1_830} raised continuous-driving 240>240 L2`,
  ]);
  const stood = new Trial(fatigue);
  stood.take(first);
  const place = (morning + 3 * hour) / 10;
  const table = Array.from({ length: 120 }, (_, i) => `${after + 30 * i} 50 ${place + 3 * i},0`).join('\n');
  expect(stood.take(table)).toEqual([]);
});

test('a rest ends while nothing is heard, by the time of the partition', () => {
  const vehicles = [
    { id: 'truck', class: 'heavy' },
    { id: 'other', class: 'heavy' },
  ] as const;
  const trial = new Trial({ ...fatigue, vehicles });
  const stopS = morning + 4 * hour + 60;
  expect(trial.take(drive(morning, stopS))).toHaveLength(1);
  expect(trial.take(`${stopS + 30} 0 0,0`)).toEqual([]);
  expect(trial.take(`${stopS + 1_200} 0 900,0 other`)).toEqual([]);
  expect(trial.take(`${stopS + 1_260} 0 900,0 other \n ${stopS + 1_300} 0 900,0 other`)).toEqual([
    `${stopS + 1_301} cleared continuous-driving ${morning + 4 * hour + 30}..${stopS + 1_261} 241>240`,
  ]);
});

test('another driver begins anew', () => {
  const trial = new Trial(fatigue);
  trial.take(drive(morning, morning + 3 * hour, 50, 'driver=1'));
  expect(trial.take(drive(morning + 3 * hour + 30, morning + 6 * hour, 50, 'driver=2'))).toEqual([]);
  expect(trial.take(drive(morning + 6 * hour + 30, morning + 7 * hour + 60, 50, 'driver=2'))).toHaveLength(1);
});

test('the warning comes before, and is over when the alarm is there', () => {
  const trial = new Trial(
    policyOf({
      ...settings('continuous-driving', { dayMaxS: hour, nightMaxS: hour }),
      ...settings('continuous-driving-warning', { dayMaxS: hour, nightMaxS: hour, aheadS: 600 }, { clearAfterS: 0 }),
    }),
  );
  expect(trial.take(drive(morning, morning + hour + 30))).toEqual([
    `${morning + 3_030} raised continuous-driving-warning 50>60 L2`,
    `${morning + hour + 30} raised continuous-driving 60>60 L2`,
    `${morning + hour + 30} cleared continuous-driving-warning ${morning + 3_030}..${morning + hour + 30} 60>60`,
  ]);
});

test('eight hours a day: whole hours of the clock leave the window, another driver has hours of their own', () => {
  const trial = new Trial(policyOf(settings('daily-driving', { maxS: 2 * hour })));
  expect(trial.take(drive(morning, morning + 2 * hour, 50, 'driver=1'))).toEqual([]);
  expect(trial.take(drive(morning + 2 * hour + 30, morning + 2 * hour + 60, 50, 'driver=1'))).toHaveLength(1);
  // The same vehicle, another driver: it is over; the first comes back after an hour and still has driven two.
  const swapS = morning + 2 * hour + 90;
  expect(trial.take(drive(swapS, swapS + 60, 50, 'driver=2'))).toEqual([
    `${swapS + 30} cleared daily-driving ${morning + 2 * hour + 30}..${swapS} 121>120`,
  ]);
  expect(trial.take(drive(swapS + 90, swapS + 120, 50, 'driver=1'))).toHaveLength(1);
  // A day later all of it has left the window.
  const nextDay = morning + 25 * hour;
  const place = (swapS + 120) / 10;
  expect(trial.take(`${nextDay} 50 ${place},0 driver=1 \n ${nextDay + 30} 50 ${place + 3},0`)).toHaveLength(1);
  expect(trial.engine.counters.alarmsRaised).toBe(2);
});

test('restarts on the way change no hours', () => {
  const rules = policyOf({
    ...settings('weekly-driving', { maxS: 2 * hour }),
    ...settings('continuous-driving', { dayMaxS: hour, nightMaxS: hour }),
  });
  const table = drive(morning, morning + 3 * hour);
  const whole = new Trial(rules).take(table);
  const trial = new Trial(rules);
  const told = table.split('\n').flatMap((line, i) => {
    if (i % 7 === 0) trial.restart();
    return trial.take(line);
  });
  expect(told).toEqual(whole);
  expect(whole).toHaveLength(2);
});

test('hours in which nobody drives: read as time goes by, not when a border is crossed', () => {
  const rules = policyOf(
    settings('prohibited-hours', {}, { when: { hours: [{ days: [1], fromMinute: 120, toMinute: 300 }] } }),
  );
  expect(new Trial(rules).take(drive(2 * hour - 60, 5 * hour + 60))).toEqual([
    `${2 * hour} raised prohibited-hours L2`,
    `${5 * hour + 30} cleared prohibited-hours ${2 * hour}..${5 * hour}`,
  ]);
  expect(new Trial(rules).take(drive(2 * hour, 3 * hour, 0))).toEqual([]);
});

test('at night a part of the limit applies, and the sentence says so', () => {
  const overspeed = { ...basePolicy.overspeed, nightPercent: { heavy: { value: 80, source: 'test' } } };
  const trial = new Trial({ policy: { ...basePolicy, overspeed } });
  expect(trial.explanations('0 50 0,0 \n 30 50 1,0')).toEqual([
    '50 km/h for 30 s where 48 applies (class heavy at night), policy v1',
  ]);
  const day = new Trial({ policy: { ...basePolicy, overspeed } });
  expect(day.take(`${morning} 50 0,0 \n ${morning + 30} 50 1,0`)).toEqual([]);
});

/** Fixes without a speed, some metres about one place: a deterministic jitter of at most 20 m. */
function jitter(fromS: number, toS: number, everyS: number): string {
  const lines: string[] = [];
  for (let atS = fromS; atS <= toS; atS += everyS) {
    const [x, y] = [((atS * 7_919) % 37) / 37 - 0.5, ((atS * 104_729) % 41) / 41 - 0.5];
    lines.push(`${atS} - ${(0.3 * x).toFixed(6)},${(0.3 * y).toFixed(6)}`);
  }
  return lines.join('\n');
}

test('a parked vehicle that tells no speed does not drive, however its positions jump about', () => {
  const rules = policyOf({
    ...settings('prohibited-hours', {}, { when: { hours: [{ days: [1], fromMinute: 0, toMinute: 600 }] } }),
    ...settings('continuous-driving', { dayMaxS: 600, nightMaxS: 600 }),
    ...settings('unauthorised-stop', { maxS: 900 }),
  });
  for (const everyS of [1, 5, 10, 30, 60]) {
    expect(new Trial(rules).take(jitter(0, 6 * hour, everyS)), `every ${everyS} s`).toEqual([
      `${Math.floor(900 / everyS) * everyS + everyS} raised unauthorised-stop ${everyS === 60 ? 16 : 15}>15 L2`,
    ]);
  }
});

test('one that drives and tells no speed drives, once a second or once in thirty', () => {
  const rules = policyOf(
    settings('prohibited-hours', {}, { when: { hours: [{ days: [1], fromMinute: 0, toMinute: 600 }] } }),
  );
  for (const everyS of [1, 30]) {
    const lines = Array.from({ length: 600 / everyS }, (_, i) => `${i * everyS} - ${(i * everyS) / 10},0`);
    const trial = new Trial(rules);
    expect(trial.take(lines.join('\n'))).toHaveLength(1);
    // It stops: over a minute and the time to clear later.
    const stop = Array.from({ length: 10 }, (_, i) => `${600 + i * 30} - 60,0`);
    expect(trial.take(stop.join('\n'))).toHaveLength(1);
  }
});

describe('who stands when it falls silent may drive on unheard', () => {
  const vehicles = [
    { id: 'truck', class: 'heavy' },
    { id: 'other', class: 'heavy' },
  ] as const;
  const redS = morning + 3.5 * hour;
  /** Three and a half hours, then a red light, and then a tunnel; the partition's time goes on. */
  const halted = (): Trial => {
    const trial = new Trial({ ...fatigue, vehicles });
    expect(trial.take(drive(morning, redS - 30))).toEqual([]);
    expect(trial.take(`${redS} 0 ${redS / 10},0`)).toEqual([]);
    for (const laterS of [600, 1_300, 1_400]) trial.take(`${redS + laterS} 0 900,0 other`);
    return trial;
  };

  test('by how far it has come at the end of the gap: it had no rest', () => {
    const trial = halted();
    const outS = redS + 1_500;
    expect(trial.take(drive(outS, outS + 600))).toEqual([
      expect.stringMatching(`^${outS + 330} raised continuous-driving 240>240`),
    ]);
  });

  test('by what it tells late of the gap, before anything else is heard of it', () => {
    const trial = halted();
    const burst = drive(redS + 30, redS + 1_900, 50, `blind @${redS + 2_000}`);
    expect(trial.takeSettled(burst)).toEqual([expect.stringMatching(/ raised continuous-driving late 240>240/)]);
  });
});
