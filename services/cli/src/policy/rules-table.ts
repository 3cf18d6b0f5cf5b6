import { ruleIds, ruleSpec, vehicleClasses, type Policy, type RuleId, type RuleSetting } from '@haulwatch/domain';
import { excessWords, toldCases } from './explain-first-rules.ts';
import { variantsOf } from './explain.ts';
import { ownName, timingOf, type ToldSetting, type ToldThreshold } from './explain-told.ts';
import { classTerms, levelWords, tierWords, toldAs, valueWords } from './explain-words.ts';

/** A family of the catalogue begins with this rule. */
const families: Readonly<Partial<Record<RuleId, string>>> = {
  overspeed: 'Always on',
  'overspeed-warning': 'Speed and working hours',
  'fence-enter': 'Places',
  'cover-open': 'Body and cargo',
  'harsh-acceleration': 'Manner of driving and the terminal’s own alarms',
  offline: 'Data quality',
};

/** Every rule with what a policy makes of it, as Markdown: what holds, who is told, which numbers, and where each comes from. */
export function rulesTable(policy: Policy): string {
  const sections: { readonly title: string; readonly rules: RuleId[] }[] = [];
  for (const rule of ruleIds) {
    const title = families[rule];
    if (title !== undefined) sections.push({ title, rules: [] });
    sections.at(-1)!.rules.push(rule);
  }
  const body = sections.flatMap(({ title, rules }) => [
    `## ${title}`,
    '',
    ...table(
      ['rule', '中文', 'holds when', 'told as', 'wanted by'],
      rules.flatMap((rule) => settingRows(rule, policy)),
    ),
    '',
    ...table(
      ['rule', 'for whom, when, where', 'number', 'value', 'source'],
      rules.flatMap((rule) => numberRows(rule, policy)),
    ),
    '',
  ]);
  return [...introduction(policy), ...body].join('\n');
}

function introduction({ name, timeZone }: Policy): string[] {
  const tiers = Object.entries(tierWords).map(([tier, words]) => `${tier} ${words}`);
  const levels = Object.entries(levelWords).map(([level, words]) => `${level} ${words}`);
  return [
    '# Rules',
    '',
    `Made by \`npm run rules-table\` from the catalogue of rules and the policy '${name}' (times in ${timeZone}); do not edit it.`,
    'What a policy says for one class, vehicle, place and time: `haulwatch policy explain`.',
    '',
    `Classes: ${vehicleClasses.map((one) => `${one} ${classTerms[one]}`).join(', ')}.`,
    `Levels: ${levels.join(', ')}. Who sees it: ${tiers.join(', ')}.`,
    '',
    'A case changes its rule where its conditions hold; of the cases that hold the last wins. `minDurationS`: how long it must hold',
    'before anybody is told, and `overspeed` more than that. `clearAfterS`: how long it must be away until it is over.',
    '',
  ];
}

function settingRows(rule: RuleId, policy: Policy): string[][] {
  const { term, condition, source } = ruleSpec(rule);
  const settings = settingsOf(rule, policy);
  const [own] = settings;
  const first = own?.name === ownName ? own : undefined;
  const conditions = first === undefined || first.when === '' ? condition : `${condition} (${first.when})`;
  const told = first === undefined ? '' : toldOf(first);
  return [
    [`\`${rule}\``, term, conditions, own === undefined ? 'the policy does not name it' : told, source],
    ...settings
      .filter((setting) => setting !== first)
      .map((setting) => [`\`${rule}\``, '', `${setting.name}: ${setting.when}`, toldOf(setting), '']),
  ];
}

function toldOf({ name, isOff, level, tier }: ToldSetting): string {
  if (!isOff) return toldAs(level, tier);
  return name === ownName ? 'off but for its cases' : 'off';
}

function numberRows(rule: RuleId, policy: Policy): string[][] {
  const row = (when: string, { name, value, unit, source }: ToldThreshold): string[] => [
    `\`${rule}\``,
    when,
    `\`${name}\``,
    valueWords(value, unit),
    source,
  ];
  return [
    ...settingsOf(rule, policy).flatMap((setting) =>
      setting.thresholds.map((number) => row(setting.name === ownName ? '' : setting.when, number)),
    ),
    ...(rule === 'overspeed' ? overspeedNumbers(policy) : []).map(({ when, number }) => row(when, number)),
    ...timing(rule, policy).map((number) => row('', number)),
  ];
}

/** Its own setting and its cases; of overspeed its tiers; none: the policy has it off. */
function settingsOf(rule: RuleId, { overspeed, prohibitedZone, sos, rules }: Policy): readonly ToldSetting[] {
  const always = { name: ownName, when: '', isOff: false, thresholds: [] };
  switch (rule) {
    case 'overspeed':
      return [
        ...overspeed.tiers.map(({ excessPercent: value, level, tier, source }) => ({
          name: `tier from ${value} %`,
          when: excessWords(value),
          isOff: false,
          level,
          tier,
          thresholds: [{ name: 'excessPercent', unit: '%', value, source }],
        })),
        ...toldCases(overspeed.cases),
      ];
    case 'prohibited-zone':
      return [
        { ...always, level: prohibitedZone.level, tier: prohibitedZone.tier },
        ...toldCases(prohibitedZone.cases),
      ];
    case 'sos':
      return [{ ...always, level: sos.level, tier: sos.tier }, ...toldCases(sos.cases)];
    default: {
      const setting: RuleSetting | undefined = rules[rule];
      return setting === undefined ? [] : variantsOf(rule, setting).map(({ own }) => own);
    }
  }
}

function overspeedNumbers({ overspeed }: Policy): { readonly when: string; readonly number: ToldThreshold }[] {
  const { limitsKph, nightPercent, clearBelowKph, plausibleMaxKph } = overspeed;
  return [
    ...vehicleClasses.map((when) => ({ when, number: { name: 'limitsKph', unit: 'km/h', ...limitsKph[when] } })),
    ...vehicleClasses.flatMap((when) => {
      const percent = nightPercent?.[when];
      return percent === undefined
        ? []
        : [{ when: `${when}, at night`, number: { name: 'nightPercent', unit: '%', ...percent } }];
    }),
    { when: '', number: { name: 'clearBelowKph', unit: 'km/h', ...clearBelowKph } },
    { when: '', number: { name: 'plausibleMaxKph', unit: 'km/h', ...plausibleMaxKph } },
  ];
}

function timing(rule: RuleId, { overspeed, prohibitedZone, sos, rules }: Policy): readonly ToldThreshold[] {
  switch (rule) {
    case 'overspeed':
      return timingOf(overspeed);
    case 'prohibited-zone':
      return timingOf(prohibitedZone);
    case 'sos':
      return [{ name: 'clearAfterS', unit: 's', ...sos.clearAfterS }];
    default: {
      const setting = rules[rule];
      return setting === undefined ? [] : timingOf(setting);
    }
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** In a cell of Markdown a bar would begin the next one. */
function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
}
