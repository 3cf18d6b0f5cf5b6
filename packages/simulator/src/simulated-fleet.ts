import { vehicleClasses, type VehicleClass, type VehicleEntry } from '@haulwatch/domain';
import { createRandom, shuffle, type Random } from './random.ts';
import { districts } from './shanghai.ts';

/**
 * The fleet that Haulwatch is built for. 21,032 coaches and hazmat vehicles are counted together; half of them each
 * is our choice.
 */
const missionFleet: Readonly<Record<VehicleClass, number>> = {
  coach: 10_516,
  hazmat: 10_516,
  earthwork: 6_298,
  mixer: 6_229,
  heavy: 164_524,
};
const missionFleetSize = 198_083;

/** Which class the first vehicles have where there are fewer vehicles than classes. */
const tinyFleet: readonly VehicleClass[] = ['heavy', 'hazmat', 'earthwork', 'coach'];

const vehiclesPerCompany = 40;
const companyKinds: Readonly<Record<VehicleClass, string>> = {
  coach: '客运',
  hazmat: '危险品运输',
  earthwork: '渣土运输',
  mixer: '混凝土运输',
  heavy: '货运',
};

/** Vehicles of each class in a fleet of a size: the mission's proportions, at least one of each from five on. */
export function classCounts(vehicles: number): Record<VehicleClass, number> {
  const counts: Record<VehicleClass, number> = {
    coach: 0,
    hazmat: 0,
    earthwork: 0,
    mixer: 0,
    heavy: 0,
  };
  if (vehicles < vehicleClasses.length) {
    for (const vehicleClass of tinyFleet.slice(0, vehicles)) counts[vehicleClass] = 1;
    return counts;
  }
  let others = 0;
  for (const vehicleClass of vehicleClasses) {
    if (vehicleClass === 'heavy') continue;
    counts[vehicleClass] = Math.max(1, Math.round((vehicles * missionFleet[vehicleClass]) / missionFleetSize));
    others += counts[vehicleClass];
  }
  counts.heavy = vehicles - others;
  return counts;
}

/** The class of each vehicle as an index into `vehicleClasses`, well mixed. */
export function castClasses(seed: number, vehicles: number): Uint8Array {
  const counts = classCounts(vehicles);
  const classes = new Uint8Array(vehicles);
  let next = 0;
  for (const [code, vehicleClass] of vehicleClasses.entries()) {
    classes.fill(code, next, next + counts[vehicleClass]);
    next += counts[vehicleClass];
  }
  return shuffle(classes, createRandom(seed, 3));
}

/** The registry's entries, in order of the simulator's vehicle index. Companies and plates are invented. */
export function registerEntries(seed: number, classes: Uint8Array): VehicleEntry[] {
  const random = createRandom(seed, 4);
  const counts = classCounts(classes.length);
  const companies = new Map(
    vehicleClasses.map((vehicleClass) => [vehicleClass, foundCompanies(vehicleClass, counts[vehicleClass], random)]),
  );
  return Array.from(classes, (code, index) => {
    const vehicleClass = vehicleClasses[code] ?? 'heavy';
    const ofClass = companies.get(vehicleClass) ?? [];
    const company = ofClass[Math.floor(random() * ofClass.length)];
    return {
      id: `SIM-${String(index + 1).padStart(6, '0')}`,
      class: vehicleClass,
      plate: plateOf(index),
      ...(company === undefined ? {} : { company: company.name, district: company.district }),
    };
  });
}

function foundCompanies(
  vehicleClass: VehicleClass,
  vehicles: number,
  random: Random,
): { name: string; district: string }[] {
  return Array.from({ length: Math.ceil(vehicles / vehiclesPerCompany) }, (_, index) => {
    const district = pickDistrict(random);
    // 模拟 says "simulated": no real company may seem to be accused.
    const number = String(index + 1).padStart(3, '0');
    return {
      name: `${district.replace(/新?区$/u, '')}模拟${companyKinds[vehicleClass]}${number}公司`,
      district,
    };
  });
}

function pickDistrict(random: Random): string {
  const total = districts.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [name, weight] of districts) {
    left -= weight;
    if (left < 0) return name;
  }
  return '浦东新区';
}

/** 沪A·D0001 and so on: letters without I and O, as on plates; every plate once up to 5.7 million vehicles. */
function plateOf(index: number): string {
  const letters = 'DEFGHJKLMNPQRSTUVWXYZABC';
  const block = Math.floor(index / 9_999);
  const region = letters[(Math.floor(block / letters.length) + 21) % letters.length] ?? 'A';
  return `沪${region}·${letters[block % letters.length] ?? 'D'}${String((index % 9_999) + 1).padStart(4, '0')}`;
}
