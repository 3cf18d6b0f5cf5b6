import type { TerminalEvent } from './terminal-event.ts';

/** JT/T 808 alarm flag DWORD (报警标志), bit 0: emergency button 紧急报警. */
export const alarmFlagSos = 0x0000_0001;

/**
 * One report of a vehicle's position and state, as JSON v1 carries it. Optional fields are absent, never null.
 * Source of the flag words: JT/T 808-2013 and -2019, table of 0x0200.
 */
export type Fix = {
  readonly vehicleId: string;
  /** When the terminal fixed the position, ms since the epoch, UTC. Event time: all durations are measured with it. */
  readonly fixedAtMs: number;
  /** When a server of ours or a gateway received it, ms since the epoch. Absent: the log's own record time. */
  readonly receivedAtMs?: number;
  /** WGS-84 degrees, east positive, -180 to 180. */
  readonly lonDeg: number;
  /** WGS-84 degrees, north positive, -90 to 90. */
  readonly latDeg: number;
  /** Absent: derived from displacement and marked so. 0 to 6,553.4, kept to 0.1 km/h as JT/T 808 does. */
  readonly speedKph?: number;
  /** 0-360, clockwise from north. */
  readonly headingDeg?: number;
  readonly altitudeM?: number;
  readonly accuracyM?: number;
  /** False: the terminal had no fix (status bit 1 off); the position is not used, the flags are. */
  readonly valid?: boolean;
  readonly mileageKm?: number;
  /** JT/T 808 alarm flags DWORD, raw. */
  readonly alarmFlags?: number;
  /** JT/T 808 status flags DWORD, raw. */
  readonly statusFlags?: number;
  readonly driverId?: string;
  /** Named sensor values, as the gateway names them. Rules read those of `signalStates` and the cargo's. */
  readonly sensors?: Readonly<Record<string, number | string | boolean>>;
  /** What the terminal's own peripherals alarmed of (T/JSATL 12). */
  readonly terminalEvents?: readonly TerminalEvent[];
  /** True: re-reported from a blind zone (0x0704 type 1, 盲区补报); goes to the late lane. */
  readonly blindZone?: boolean;
};
