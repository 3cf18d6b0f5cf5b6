import { FixBatch, speedAbsent, vehicleElsewhere, vehicleUnknown } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { settings, withLimits } from './_policy.ts';
import { epochMs, shortStep, Trial } from './_trial.ts';

describe('names of a vehicle', () => {
  const vehicles = [
    { id: 'truck', class: 'heavy', aliases: ['13800000001', 'traccar-7'] },
    { id: 'other', class: 'heavy' },
  ] as const;

  test('id, aliases and number lead to one vehicle', () => {
    const trial = new Trial({ vehicles });
    expect(trial.take('0 70 \n 10 70 13800000001 \n 20 70 traccar-7 \n 30 70 #1')).toEqual([
      '30 raised overspeed 70>60 L2',
    ]);
    expect(trial.engine.vehicleCount).toBe(1);
  });

  test('an alias that moves to another vehicle leads there', () => {
    const trial = new Trial({ vehicles });
    trial.take('0 70 traccar-7 \n 20 70 traccar-7');
    trial.register([
      { id: 'truck', class: 'heavy' },
      { id: 'other', class: 'heavy', aliases: ['traccar-7'] },
    ]);
    expect(trial.take('30 70 traccar-7 \n 60 70 traccar-7')).toEqual(['60 raised overspeed other 70>60 L2']);
  });

  test('a retired vehicle is a stranger, by each of its names', () => {
    const trial = new Trial({ vehicles });
    trial.take('0 70 \n 10 70 traccar-7 \n 20 70 #1');
    trial.register([{ ...vehicles[0], retired: true }]);
    const { vehicles: resolver } = trial.engine;
    const found = [resolver.resolve('truck'), resolver.resolve('traccar-7'), resolver.resolveNumber(1)];
    expect(found).toEqual([vehicleUnknown, vehicleUnknown, vehicleUnknown]);
    trial.register([vehicles[0]]);
    expect(trial.take('30 70')).toEqual(['30 raised overspeed 70>60 L2']);
  });
});

describe('strangers', () => {
  test('are refused where the policy says so', () => {
    const trial = new Trial();
    expect(trial.take('0 70 stranger \n 30 70 stranger')).toEqual([]);
    expect(trial.engine.counters).toMatchObject({ fixes: 0, rejects: { 'vehicle-unknown': 2 } });
    expect(trial.engine.vehicleCount).toBe(0);
  });

  test('are taken as a class where the policy says so', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'mixer', overspeed: withLimits({ mixer: 40 }) } });
    expect(trial.steps('0 45 stranger \n 30 45 stranger')).toMatchObject([
      { vehicleId: 'stranger', class: 'mixer', limit: 40 },
    ]);
    expect(trial.engine.vehicles.resolveNumber(7)).toBe(vehicleUnknown);
  });

  test('follow the policy when it changes, there and back', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'mixer' } });
    trial.take('0 70 stranger \n 20 70 stranger');
    trial.setPolicy({ unknownVehicles: 'reject' });
    expect(trial.take('30 70 stranger')).toEqual([]);
    expect(trial.engine.counters.rejects).toEqual({ 'vehicle-unknown': 1 });
    trial.setPolicy({ unknownVehicles: 'coach' });
    expect(trial.steps('40 70 stranger')).toMatchObject([{ vehicleId: 'stranger', class: 'coach', kind: 'raised' }]);
  });

  test('are not those who were retired', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'mixer' } });
    trial.register([{ id: 'truck', class: 'heavy', retired: true }]);
    expect(trial.engine.vehicles.resolve('truck')).toBe(vehicleUnknown);
  });

  test('that are registered later under their id go on as what they are', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'heavy' } });
    trial.take('0 70 stranger \n 20 70 stranger');
    trial.register([{ id: 'stranger', class: 'hazmat', company: 'Acme' }]);
    expect(trial.steps('30 70 stranger')).toMatchObject([
      { class: 'hazmat', company: 'Acme', startedAtMs: 1772380800000 },
    ]);
  });

  test('whose id becomes an alias stay who they were in what is left to tell of them', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'heavy' } });
    const [raised] = trial.steps(
      '1000 0 phone @1000 \n 100 70 phone @1000 \n 130 70 phone @1000 \n 1060 0 phone @1060',
    );
    trial.register([{ id: 'late-comer', class: 'coach', aliases: ['phone'] }]);
    const [cleared] = trial.steps('1600 0 phone @1600');
    expect(raised).toMatchObject({ kind: 'raised', vehicleId: 'phone', class: 'heavy' });
    expect(cleared).toMatchObject({ kind: 'cleared', vehicleId: 'phone', class: 'heavy', alarmId: raised?.alarmId });
  });
});

describe('the registry changes', () => {
  test('in the middle of an alarm: the next steps tell the new company, the new class has its own limit', () => {
    const trial = new Trial({ policy: { overspeed: withLimits({ mixer: 40 }) } });
    const [raised] = trial.steps('0 70 \n 30 70');
    trial.register([{ id: 'truck', class: 'mixer', company: 'Acme', district: 'Pudong', plate: '沪A12345' }]);
    const [escalated] = trial.steps('40 70');
    expect(raised).toMatchObject({ class: 'heavy', limit: 60, level: 2 });
    expect(raised).not.toHaveProperty('company');
    expect(escalated).toMatchObject({
      kind: 'escalated',
      alarmId: raised?.alarmId,
      class: 'mixer',
      company: 'Acme',
      district: 'Pudong',
      plate: '沪A12345',
      limit: 40,
      level: 4,
    });
  });

  const missed = settings('offline', { movingS: 300, parkedS: 3_600 }, { when: { classes: ['hazmat'] } });

  test('while nobody reports: who is silent is judged as what it is now', () => {
    const trial = new Trial({ policy: { rules: missed } });
    trial.take('0 50');
    trial.register([{ id: 'truck', class: 'hazmat' }]);
    expect(trial.advance(310)).toEqual(['310 raised offline 5>5 L2']);
  });

  test('and a broken row is all that tells the time', () => {
    const trial = new Trial({ policy: { rules: missed } });
    trial.take('0 50');
    trial.register([{ id: 'truck', class: 'hazmat' }]);
    const broken = new FixBatch(1);
    broken.push(
      {
        vehicle: vehicleUnknown,
        fixedAtMs: epochMs,
        receivedAtMs: epochMs + 310_000,
        lonE7: 0,
        latE7: 0,
        speedDkph: speedAbsent,
        headingDeg: Number.NaN,
        accuracyM: Number.NaN,
        alarmFlags: 0,
        statusFlags: 0,
        flags: 0,
        reject: 'row-broken',
      },
      1,
      epochMs + 310_000,
      0,
    );
    expect(trial.engine.process(broken).map(shortStep)).toEqual(['310 raised offline 5>5 L2']);
  });

  test('and a snapshot that is taken before the next fix has it', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'coach' } });
    trial.take('0 50 \n 1 50 stranger');
    trial.register([
      { id: 'truck', class: 'mixer' },
      { id: 'stranger', class: 'hazmat' },
    ]);
    const snapshot = trial.engine.snapshot();
    trial.restart(snapshot);
    expect(trial.engine.snapshot()).toEqual(snapshot);
  });

  test('a vehicle that is retired keeps its company in what is left to tell of it', () => {
    const trial = new Trial({
      vehicles: [
        { id: 'truck', class: 'coach', company: 'Acme' },
        { id: 'other', class: 'heavy' },
      ],
    });
    trial.take('1000 0 @1000 \n 100 70 @1000 \n 130 70 @1000 \n 1060 0 other @1060');
    trial.register([{ id: 'truck', class: 'coach', company: 'Acme', retired: true }]);
    expect(trial.steps('1600 0 other @1600')).toMatchObject([{ kind: 'cleared', class: 'coach', company: 'Acme' }]);
  });
});

describe('a vehicle of another partition', () => {
  test('gets no place here', () => {
    const trial = new Trial({
      vehicles: [
        { id: 'here', class: 'heavy' },
        { id: 'there', class: 'heavy', aliases: ['phone'] },
      ],
      isHome: (id) => id === 'here',
    });
    const { vehicles } = trial.engine;
    expect([vehicles.resolve('there'), vehicles.resolve('phone'), vehicles.resolveNumber(2)]).toEqual([
      vehicleElsewhere,
      vehicleElsewhere,
      vehicleElsewhere,
    ]);
    trial.take('0 70 here \n 0 70 there \n 0 70 phone \n 0 70 #2');
    expect(trial.elsewhere).toEqual(['there', 'phone', '2']);
    expect(trial.engine.vehicleCount).toBe(1);
  });

  test('a stranger too has a home', () => {
    const trial = new Trial({ policy: { unknownVehicles: 'heavy' }, isHome: (id) => id !== 'there' });
    expect(trial.engine.vehicles.resolve('there')).toBe(vehicleElsewhere);
  });
});
