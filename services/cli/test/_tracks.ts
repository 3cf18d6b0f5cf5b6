/** A seeded generator of 32-bit numbers (mulberry32, Tommy Ettinger, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A CSV of tracks with everything that real files have: phases of speeding, missing speeds, doubled lines, lines out of order, late
 * ones, broken ones. The same seed gives the same text.
 */
export function trackCsv(seed: number, vehicles: number, rowsEach: number, startMs: number): string {
  const random = mulberry32(seed);
  const lines: string[] = [];
  const tracks = Array.from({ length: vehicles }, (_, i) => ({
    id: `truck-${i}`,
    lonDeg: 121.4 + random() * 0.1,
    latDeg: 31.2 + random() * 0.1,
    speedKph: 30,
    wantedKph: 30,
  }));
  for (let row = 0; row < rowsEach; row += 1) {
    for (const track of tracks) {
      if (random() < 0.05) track.wantedKph = random() * 90;
      track.speedKph += (track.wantedKph - track.speedKph) * 0.3;
      track.latDeg += (track.speedKph / 3.6) * 10 * 1e-5 * (random() < 0.5 ? 1 : -1);
      const at = new Date(startMs + row * 10_000).toISOString();
      const speed = random() < 0.1 ? '' : track.speedKph.toFixed(1);
      const line = `${track.id},${at},${track.lonDeg.toFixed(7)},${track.latDeg.toFixed(7)},${speed},${random() < 0.002 ? 1 : 0}`;
      lines.push(line);
      if (random() < 0.02) lines.push(line);
      if (random() < 0.01) lines.push(line.replace(/,121[^,]*,/, ',not a number,'));
      if (random() < 0.01) lines.push(line.replace(/,31[^,]*,/, ',91.5,'));
    }
  }
  // Some reports come late: a swap of neighbours is a reorder, a long way back is a blind zone.
  for (let i = 0; i < lines.length; i += 1) {
    if (random() >= 0.005) continue;
    const [late] = lines.splice(i, 1);
    lines.splice(Math.min(lines.length, i + Math.floor(random() * vehicles * 30)), 0, late!);
  }
  // In the end all of them are calm: what a silence would end, by the clock of whoever listens, is over.
  for (let row = rowsEach; row < rowsEach + 12; row += 1) {
    const at = new Date(startMs + row * 10_000).toISOString();
    for (const { id, lonDeg, latDeg } of tracks)
      lines.push(`${id},${at},${lonDeg.toFixed(7)},${latDeg.toFixed(7)},5.0,0`);
  }
  return `vehicleId,fixedAt,lon,lat,speed,alarmFlags\n${lines.join('\n')}\n`;
}
