/**
 * Frame v1: 1 to 1,000 fixes of one partition in one record. Little-endian throughout.
 *
 *     header, 24 bytes                          row, 40 bytes
 *      0  magic 'F' 'W'                          0  u32 registry number of the vehicle, not 0
 *      2  u8  version = 1                        4  i32 fixedAt - receivedAt, ms
 *      3  u8  flags: 1 blind zone                8  i32 longitude, 1e-7 degrees
 *      4  u16 count of rows                     12  i32 latitude, 1e-7 degrees
 *      6  u16 size of a row = 40                16  u16 speed, 0.1 km/h       (0xFFFF absent)
 *      8  f64 receivedAt, ms since the epoch    18  u16 heading, 0.01 degrees (0xFFFF absent)
 *     16  u32 reserved = 0                      20  i16 altitude, m           (-32768 absent)
 *     20  u32 CRC-32C of bytes 0-19 and rows    22  u16 accuracy, 0.1 m       (0xFFFF absent)
 *                                               24  u32 mileage, 0.1 km       (0xFFFFFFFF absent)
 *                                               28  u32 JT/T 808 alarm flags
 *                                               32  u32 JT/T 808 status flags
 *                                               36  u16 flags: 1 position invalid, 2 blind zone
 *                                               38  u16 reserved = 0
 *
 * A fixed row keeps decoding free of branches and a row's place computable, so that rows can be cut out for another
 * partition without decoding them. What has no fixed size does not travel in frames: the driver's id and the sensors
 * of a fix are for JSON v1.
 */
export const frameMagic0 = 0x46;
export const frameMagic1 = 0x57;
export const frameVersion = 1;
export const headerSize = 24;
export const rowSize = 40;

/** The most rows of a frame: 40 KB, a record that every broker takes by default, and one second of 1,000 vehicles. */
export const frameRowsMax = 1_000;

/** Bits of a frame's flags; the others must be 0. */
export const frameFlag = {
  /** Every row is a re-report from a blind zone (0x0704 type 1): the late lane takes them. */
  blindZone: 0x01,
} as const;

export const headerAt = { version: 2, flags: 3, count: 4, rowSize: 6, receivedAtMs: 8, reserved: 16, crc: 20 } as const;

export const rowAt = {
  vehicle: 0,
  fixedDeltaMs: 4,
  lonE7: 8,
  latE7: 12,
  speedDkph: 16,
  headingCdeg: 18,
  altitudeM: 20,
  accuracyDm: 22,
  mileageHm: 24,
  alarmFlags: 28,
  statusFlags: 32,
  flags: 36,
  reserved: 38,
} as const;

/** What a field holds where the fix did not say. */
export const absentU16 = 0xffff;
export const absentI16 = -0x8000;
export const absentU32 = 0xffff_ffff;

export const lonE7Max = 1_800_000_000;
export const latE7Max = 900_000_000;
export const headingCdegMax = 36_000;
