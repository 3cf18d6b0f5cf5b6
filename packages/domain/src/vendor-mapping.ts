import type { SignalName } from './signals.ts';

/**
 * What terminals say otherwise than JT/T 808, or beyond it, as data: a policy holds it, and no decoder knows a vendor's
 * name. Where more than one profile is for a terminal, the later one has the last word.
 */
export type VendorMapping = readonly VendorProfile[];

export type VendorProfile = {
  /** For people: "GPS51". */
  readonly name: string;
  /** For which terminals: all that is given must fit. Absent: for every terminal. */
  readonly terminals?: {
    /** Terminals' numbers (终端手机号) without the zeros that fill them up. */
    readonly phones?: readonly string[];
    /** Maker and model as the terminal's registration (0x0100) tells them: nothing fits before it. */
    readonly makers?: readonly string[];
    readonly models?: readonly string[];
  };
  /**
   * Alarm bits, 0 to 31, that mean something else than in the standard: cheap trackers have vibration in 15, tampering in
   * 16 and 17, a low battery in 18. The name of another alarm of the standard moves the bit there.
   */
  readonly alarmBits?: Readonly<Record<number, string>>;
  readonly readings?: readonly VendorReading[];
};

/** A number that a terminal sends, and what it is. */
export type VendorReading = VendorSource & (SignalReading | SensorReading);

/** Where the number is. */
type VendorSource = {
  /** The id of an additional item, 0 to 255, or the status word. */
  readonly from: number | 'status';
  /** Where the item is itself a list of {id, length, value}: which of them, and how many bytes id and length have. */
  readonly sub?: { readonly id: number; readonly idBytes: 1 | 2; readonly lengthBytes: 1 | 2 };
  /** The byte where it begins, from 0 (default), and how many it has, big-endian, 1 to 4; default: all that follow. */
  readonly at?: number;
  readonly bytes?: number;
  /** The lowest of its bits, from 0, and how many (default 1); absent: the whole number. */
  readonly bit?: number;
  readonly bits?: number;
};

/** The state of a signal, by the number that stands for it; a number that is not there leaves the signal unknown. */
type SignalReading = { readonly signal: SignalName; readonly states: Readonly<Record<number, string>> };

/** A measurement: `number * scale + plus` in the unit that the sensor's name tells. */
type SensorReading = {
  readonly sensor: string;
  /** `two`: two's complement; `top-bit`: the highest bit is the sign, as in item 0x06. Absent: never negative. */
  readonly sign?: 'two' | 'top-bit';
  readonly scale?: number;
  readonly plus?: number;
  /** Results outside are no measurement: a broken wire, no probe. */
  readonly min?: number;
  readonly max?: number;
};

/**
 * What holds for any terminal because no other use of it is known: the drum's direction as GPS51 has it (item 0x52).
 * That vendor also calls forward "empty" and reverse "laden", against the trade's use: nothing is concluded from it.
 *
 * Nothing of covers, lifts, valves and cargo is here: vendors' items for them contradict each other, so a
 * deployment names the ones of its own terminals.
 */
export const vendorMappingDefault: VendorMapping = [
  {
    name: 'GPS51',
    readings: [{ from: 0x52, bytes: 1, signal: 'drum', states: { 1: 'forward', 2: 'reverse', 3: 'stopped' } }],
  },
];
