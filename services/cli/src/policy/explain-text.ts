import type { ToldFence, ToldPlace } from './explain-fences.ts';
import type { PolicyExplanation } from './explain.ts';
import { permitWords, unknownRouteWarnings } from './explain-permits.ts';
import { ownName, type ToldRule, type ToldSetting, type ToldThreshold } from './explain-told.ts';
import { classTerms, toldAs, valueWords } from './explain-words.ts';

/** Fences of a class that are listed: of ten thousand nobody reads more. A place's own are all there. */
const fencesShownMax = 50;

/** The explanation for people: a line each, what belongs together under each other. */
export function explanationLines(told: PolicyExplanation, vehicle = ''): string[] {
  const { place, rules } = told;
  const isOn = ({ offBecause }: ToldRule): boolean => offBecause === undefined;
  const on = rules.filter(isOn);
  const off = rules.filter((rule) => !isOn(rule));
  const where = place === undefined ? '' : ' HERE AND NOW';
  return [
    `Policy '${told.policy}', times in ${told.timeZone}`,
    ...(vehicle === '' ? [] : [`Vehicle ${vehicle}`]),
    `Class ${told.class} ${classTerms[told.class]}`,
    ...(place === undefined ? [] : placeLines(place)),
    '',
    ...fenceLines(told),
    ...permitLines(told),
    `RULES THAT APPLY${where} (${on.length})`,
    ...on.flatMap((rule) => ['', ...ruleLines(rule)]),
    '',
    `RULES THAT ARE OFF${where} (${off.length})`,
    '',
    ...columns(off.map(({ rule, term, offBecause = '' }) => [rule, `${offBecause} (${term})`])),
    '',
    'FOR ALL RULES',
    '',
    ...columns(thresholdRows(told.general)),
  ];
}

function placeLines(place: ToldPlace): string[] {
  return [
    `At ${place.at}, ${place.isNight ? 'night' : 'day'} (night: ${place.night})`,
    `Place ${place.lonDeg}, ${place.latDeg} (longitude, latitude, WGS-84)`,
    `Speed limit ${place.limitKph} km/h (${place.limitFrom})`,
  ];
}

function fenceLines({ fences, place }: PolicyExplanation): string[] {
  const title = place === undefined ? 'FENCES FOR THE CLASS' : 'FENCES THAT HOLD THE PLACE';
  const shown = place === undefined ? fences.slice(0, fencesShownMax) : fences;
  const more = fences.length - shown.length;
  return [
    `${title} (${fences.length})`,
    '',
    ...columns(shown.map((fence) => [fence.id, `${fenceWords(fence)}  ${fence.name}`])),
    ...(more > 0 ? [`  and ${more} more: --json has them all`] : []),
    ...(fences.length > 0 ? [''] : []),
  ];
}

/** Of a vehicle that has none it is said: that is what `permit-violation` accuses. */
function permitLines({ permits }: PolicyExplanation): string[] {
  if (permits === undefined) return [];
  const rows = permits.map((permit): Row => [permit.id, permitWords(permit)]);
  const warnings = unknownRouteWarnings(permits).map((line) => `  ${line}`);
  return [
    `PERMITS OF THE VEHICLE (${permits.length})`,
    '',
    ...(warnings.length > 0 ? [...warnings, ''] : []),
    ...columns(rows),
    ...(permits.length > 0 ? [''] : []),
  ];
}

function fenceWords(fence: ToldFence): string {
  const state = [
    ...(fence.isForClass ? [] : ['not for this class']),
    ...(fence.isInForce === false ? ['not in force now'] : []),
    ...(fence.isClosed === true ? ['CLOSED NOW'] : []),
  ];
  return [
    ...state,
    ...(fence.prohibited ? [`closed to its classes (${toldAs(fence.level, fence.tier)})`] : []),
    ...(fence.limitKph === undefined ? [] : [`limit ${fence.limitKph} km/h`]),
    ...(fence.dwellMaxS === undefined ? [] : [`stay at most ${fence.dwellMaxS} s`]),
    ...(fence.uses.length === 0 ? [] : [`for ${fence.uses.join(', ')}`]),
    `in force ${fence.schedule}`,
  ].join('; ');
}

function ruleLines({ rule, term, condition, source, settings, timing }: ToldRule): string[] {
  return [
    `${rule} ${term}`,
    ...columns([
      ['holds when', condition],
      ['wanted by', source],
      ...settings.flatMap(settingRows),
      ...thresholdRows(timing),
    ]),
  ];
}

type Row = readonly [name: string, text: string];

function settingRows({ name, when, isOff, level, tier, thresholds }: ToldSetting): Row[] {
  const off = name === ownName ? 'off but for its cases' : 'off';
  const told = isOff ? off : toldAs(level, tier);
  return [[name, `${when === '' ? '' : `${when}: `}${told}`], ...(isOff ? [] : thresholdRows(thresholds))];
}

/** What people call those that many rules have. */
const plainNames: Readonly<Record<string, string>> = {
  minDurationS: 'told after',
  clearAfterS: 'over after',
  limitsKph: 'class limit',
  nightPercent: 'at night',
  excessPercent: 'above the limit by',
};

const valueWidth = 16;

function thresholdRows(thresholds: readonly ToldThreshold[]): Row[] {
  return thresholds.map(({ name, value, unit, source }) => [
    plainNames[name] ?? name,
    `${valueWords(value, unit).padEnd(valueWidth)} ${source}`,
  ]);
}

const nameWidthMin = 18;
/** What is longer moves its own line alone. */
const nameWidthMax = 32;

function columns(rows: readonly Row[]): string[] {
  const longest = Math.max(nameWidthMin, ...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(Math.min(longest, nameWidthMax))} ${text}`);
}
