/**
 * Where the alarms are: a plain map of dots on a graticule, fitted to what it shows.
 *
 * @typedef {{ lonDeg: number, latDeg: number }} Place
 * @typedef {{ westDeg: number, southDeg: number, eastDeg: number, northDeg: number, stepDeg: number }} View
 */

/** Shown while there is no alarm: Shanghai. */
const emptyView = { westDeg: 120.8, southDeg: 30.6, eastDeg: 122, northDeg: 31.8, stepDeg: 0.2 };
const stepsDeg = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
/** Pixels round the map for its degrees. */
const marginPx = { left: 48, top: 16, right: 20, bottom: 30 };

/**
 * The smallest view on graticule lines that holds all places with some air: it moves in whole steps, not with each alarm.
 * @param {readonly Place[]} places
 * @returns {View}
 */
export function fitView(places) {
  if (places.length === 0) return emptyView;
  const [lons, lats] = [places.map((place) => place.lonDeg), places.map((place) => place.latDeg)];
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const spanDeg = Math.max(east - west, north - south);
  const stepDeg = stepsDeg.find((step) => spanDeg / step <= 6) ?? 90;
  const down = (/** @type {number} */ deg) => Math.floor(deg / stepDeg - 0.25) * stepDeg;
  const up = (/** @type {number} */ deg) => Math.ceil(deg / stepDeg + 0.25) * stepDeg;
  return {
    westDeg: down(west),
    southDeg: down(south),
    eastDeg: up(east),
    northDeg: up(north),
    stepDeg,
  };
}

/**
 * Degrees to pixels, the view centred and as large as fits; equirectangular, true to scale at its middle.
 * @param {View} view
 * @param {number} width
 * @param {number} height
 * @returns {(lonDeg: number, latDeg: number) => { x: number, y: number }}
 */
export function projection(view, width, height) {
  const shrink = Math.cos((((view.southDeg + view.northDeg) / 2) * Math.PI) / 180);
  const spanX = (view.eastDeg - view.westDeg) * shrink;
  const spanY = view.northDeg - view.southDeg;
  const [roomX, roomY] = [width - marginPx.left - marginPx.right, height - marginPx.top - marginPx.bottom];
  const scale = Math.min(roomX / spanX, roomY / spanY);
  const left = marginPx.left + (roomX - spanX * scale) / 2;
  const top = marginPx.top + (roomY - spanY * scale) / 2;
  return (lonDeg, latDeg) => ({
    x: left + (lonDeg - view.westDeg) * shrink * scale,
    y: top + (view.northDeg - latDeg) * scale,
  });
}

/**
 * The degrees of the lines from one border to the other.
 * @param {number} fromDeg
 * @param {number} toDeg
 * @param {number} stepDeg
 * @returns {number[]}
 */
export function graticule(fromDeg, toDeg, stepDeg) {
  const lines = Math.round((toDeg - fromDeg) / stepDeg) + 1;
  return Array.from({ length: lines }, (_, line) => Number((fromDeg + line * stepDeg).toFixed(4)));
}
