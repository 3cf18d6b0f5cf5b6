/**
 * Traccar's words for alarms (constants ALARM_* of its class Position) and the bit of the JT/T 808 alarm word (0x0200,
 * table of alarm flags, editions 2013 and 2019) that says the same. It is the reverse of what Traccar's JT/T 808 decoder
 * does, where that loses nothing in meaning; words of other protocols with the same meaning are taken in too.
 *
 * Several bits share a word in Traccar: `fault` is 4, 9, 10 or 11 (GNSS module, display, TTS, camera), `gpsAntennaCut`
 * 5 or 6, `accident` 29 or 30; the first stands for them. Words whose bit means something else in the standard have
 * none: `vibration` (15, there violation driving), `tampering` (16 and 17, there tyre pressure and right-turn blind
 * zone), `general` (26, there theft). `lowBattery` is bit 7 (main power under-voltage), never 18 (driving overtime).
 */
const bitOfAlarm: Readonly<Record<string, number>> = {
  sos: 0,
  overspeed: 1,
  fatigueDriving: 2,
  fault: 4,
  gpsAntennaCut: 5,
  lowBattery: 7,
  lowPower: 7,
  powerOff: 8,
  powerCut: 8,
  parking: 19,
  geofence: 20,
  geofenceEnter: 20,
  geofenceExit: 20,
  fuelLeak: 25,
  movement: 28,
  tow: 28,
  accident: 29,
};

/** The alarm word of Traccar's attribute `alarm`: words joined by commas, "overspeed,fatigueDriving". Absent without one. */
export function alarmFlagsOfTraccar(alarm: unknown): number | undefined {
  if (typeof alarm !== 'string') return undefined;
  let flags = 0;
  for (const word of alarm.split(',')) {
    const name = word.trim();
    if (Object.hasOwn(bitOfAlarm, name)) flags |= 1 << bitOfAlarm[name]!;
  }
  return flags >>> 0;
}
