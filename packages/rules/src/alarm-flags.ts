/** Bits of the JT/T 808 alarm flag DWORD (报警标志) that rules ask about, by the table of 2019. */
export const alarmFlag = {
  gnssFault: 1 << 4,
  gnssAntennaOpen: 1 << 5,
  gnssAntennaShort: 1 << 6,
  powerLow: 1 << 7,
  powerLost: 1 << 8,
  displayFault: 1 << 9,
  ttsFault: 1 << 10,
  cameraFault: 1 << 11,
  icCardFault: 1 << 12,
  vssFault: 1 << 24,
  /** 2013: pre-warning of a collision. */
  collision: 1 << 29,
  rollover: 1 << 30,
} as const;

/** Something of the terminal is broken: everything of it but the power, whose loss has a rule of its own. */
export const faultFlags =
  alarmFlag.gnssFault |
  alarmFlag.gnssAntennaOpen |
  alarmFlag.gnssAntennaShort |
  alarmFlag.powerLow |
  alarmFlag.displayFault |
  alarmFlag.ttsFault |
  alarmFlag.cameraFault |
  alarmFlag.icCardFault |
  alarmFlag.vssFault;
