import {
  catalogueRuleIds,
  type CatalogueRuleId,
  type Fence,
  type FenceUse,
  type Policy,
  type RuleSetting,
} from '@haulwatch/domain';
import { fenceProblem } from './fence-file.ts';
import type { Problem } from './problem.ts';

/** What rules and fences must say together: no schema of one of them sees it. Paths are those of the file. */
export function ruleProblems({ rules, fences }: Pick<Policy, 'rules' | 'fences'>): readonly Problem[] {
  const settings = catalogueRuleIds.flatMap((id) => {
    const setting = rules[id];
    return setting === undefined ? [] : [{ id, setting }];
  });
  return [
    ...settings.flatMap(({ id, setting }) => unknownFences(id, setting, fences)),
    ...tooManyLists(settings),
    ...hoursProblems(rules['prohibited-hours']),
    ...fenceRules.flatMap((rule) => askingProblems(rule, rules[rule.id] !== undefined, fences)),
  ];
}

/** Lists of fences that differ: where a vehicle is, is a word of 32 bits, and other ten say what fences are for. */
const fenceListsMax = 21;

function tooManyLists(settings: readonly { readonly setting: RuleSetting }[]): Problem[] {
  const lists = settings
    .flatMap(({ setting }) => [setting, ...setting.cases])
    .flatMap(({ when }) => (when.fences === undefined ? [] : [JSON.stringify([...new Set(when.fences)].sort())]));
  const count = new Set(lists).size;
  if (count <= fenceListsMax) return [];
  const message = `at most ${fenceListsMax} different lists of fences can be named, these are ${count}: give the fences uses`;
  return [{ path: ['rules'], message }];
}

/** Ids in a message: more are a list that nobody reads. */
const idsToldMax = 5;

function unknownFences(id: CatalogueRuleId, { when, cases }: RuleSetting, fences: readonly Fence[]): Problem[] {
  const known = new Set(fences.map((fence) => fence.id));
  const lists = [
    { path: ['rules', id], ids: when.fences ?? [] },
    ...cases.map((one, index) => ({ path: ['rules', id, 'cases', index], ids: one.when.fences ?? [] })),
  ];
  return lists.flatMap(({ path, ids }) =>
    ids.flatMap((fenceId, index) =>
      known.has(fenceId)
        ? []
        : [
            {
              path: [...path, 'fences', index],
              message: `no fence has the id '${fenceId}'; ${nearest(fenceId, known)}`,
            },
          ],
    ),
  );
}

function nearest(id: string, known: ReadonlySet<string>): string {
  if (known.size === 0) return 'the file has no fences';
  const sorted = [...known].map((one) => ({ one, edits: editsBetween(id, one) })).sort((a, b) => a.edits - b.edits);
  const told = sorted.slice(0, idsToldMax).map(({ one }) => `'${one}'`);
  return `${known.size > told.length ? 'the nearest are' : 'there are'} ${told.join(', ')}`;
}

/** Levenshtein's distance: letters to add, drop or change. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Without hours nobody could drive at all. */
function hoursProblems(setting: RuleSetting | undefined): Problem[] {
  if (setting === undefined || [setting, ...setting.cases].some(({ when }) => when.hours !== undefined)) return [];
  const message = 'is missing: give the rule or one of its cases the hours in which nobody may drive';
  return [{ path: ['rules', 'prohibited-hours', 'hours'], message }];
}

type FenceRule = {
  readonly id: CatalogueRuleId;
  /** The property that asks for the rule, as the file writes it. */
  readonly property: 'uses' | 'dwellMaxS';
  readonly written: string;
  readonly asks: (fence: Fence) => boolean;
};

const using = (use: FenceUse, id: CatalogueRuleId): FenceRule => ({
  id,
  property: 'uses',
  written: `uses: [${use}]`,
  asks: ({ uses = [] }) => uses.includes(use),
});

/** The rules that hold only for fences that ask for them. */
const fenceRules: readonly FenceRule[] = [
  using('enter', 'fence-enter'),
  using('exit', 'fence-exit'),
  { id: 'zone-dwell', property: 'dwellMaxS', written: 'a dwellMaxS', asks: (fence) => fence.dwellMaxS !== undefined },
];

/** Half of what belongs together does nothing, and nobody would see why. */
function askingProblems(rule: FenceRule, on: boolean, fences: readonly Fence[]): Problem[] {
  if (on) {
    if (fences.some(rule.asks)) return [];
    return [
      { path: ['rules', rule.id], message: `no fence asks for it: give one ${rule.written}, or take the rule out` },
    ];
  }
  const message = `asks for the rule ${rule.id}, which is off: add rules.${rule.id} with a level and a tier`;
  return fences.flatMap((fence, index) =>
    rule.asks(fence) ? [fenceProblem(index, fence.id, ['properties', rule.property], message)] : [],
  );
}
