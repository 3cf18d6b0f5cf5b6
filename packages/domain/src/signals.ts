/**
 * The states of a vehicle's body and load that rules read, under the names that a gateway gives them in `Fix.sensors`,
 * normalised from whatever a vendor's terminal says (the policy's vendor mapping). What is not told is unknown.
 *
 * `load` 载重状态, `cover` 车厢密闭状态, `lift` 举升状态, `drum` 搅拌筒状态, `valve` 罐体阀门状态. JT/T 808 itself has the load
 * alone (status bits 8-9); the rest comes in vendors' additional items.
 */
export const signalStates = {
  load: ['empty', 'half', 'full'],
  cover: ['closed', 'open'],
  lift: ['flat', 'raised'],
  drum: ['forward', 'reverse', 'stopped'],
  valve: ['closed', 'open'],
} as const;

export type SignalName = keyof typeof signalStates;
export const signalNames = Object.keys(signalStates) as readonly SignalName[];

/** Sensors with numbers that rules read. */
export const cargoTemperature = 'cargoTemperatureC';
export const cargoPressure = 'cargoPressureKpa';

const bitsEach = 2;

/** Where a signal's two bits lie in the packed word: 0 unknown, else 1 + the place of its state in `signalStates`. */
export function signalShift(name: SignalName): number {
  return signalNames.indexOf(name) * bitsEach;
}

/** The code of a state in a packed word. */
export function signalCode<N extends SignalName>(name: N, state: (typeof signalStates)[N][number]): number {
  return (signalStates[name] as readonly string[]).indexOf(state) + 1;
}

/** The signals among a fix's sensors as one word; a value that is not one of its states is unknown, as if it were not told. */
export function packSignals(sensors: Readonly<Record<string, unknown>>): number {
  let packed = 0;
  for (const [place, name] of signalNames.entries()) {
    const code = (signalStates[name] as readonly unknown[]).indexOf(sensors[name]) + 1;
    packed |= code << (place * bitsEach);
  }
  return packed;
}

/** The code of one signal in a packed word. */
export function signalOf(packed: number, shift: number): number {
  return (packed >>> shift) & 3;
}

/** Bits of the JT/T 808 status word that tell the load: 00 empty, 01 half, 10 reserved, 11 full. */
const statusLoadShift = 8;

/**
 * The load by status bits 8-9 for a vehicle whose sensors do not tell it. 00 means empty and also "no sensor": it is
 * taken for unknown, so that a truck without the sensor is neither laden nor just unloaded.
 */
export function loadOfStatus(statusFlags: number): number {
  const bits = (statusFlags >>> statusLoadShift) & 3;
  if (bits === 1) return signalCode('load', 'half');
  return bits === 3 ? signalCode('load', 'full') : 0;
}
