import {
  catalogueRuleIds,
  type CatalogueRuleId,
  type Fence,
  type FenceUse,
  type Policy,
  type RuleSetting,
} from '@haulwatch/domain';
import { deadConditions, type ConditionedRule } from './case-problems.ts';
import { fenceProblem } from './fence-file.ts';
import { suggestion } from './nearest.ts';
import type { Problem } from './problem.ts';

/** What rules and fences must say together: no schema of one of them sees it. Paths are those of the file. */
export function ruleProblems(policy: Policy): readonly Problem[] {
  const { rules, fences } = policy;
  const all = conditionedRules(policy);
  return [
    ...all.flatMap((one) => unknownFences(one, fences)),
    ...all.flatMap(deadConditions),
    ...tooManyLists(all),
    ...hoursProblems(rules['prohibited-hours']),
    ...crowdingProblems(rules['zone-crowding']),
    ...fenceRules.flatMap((rule) => askingProblems(rule, rules[rule.id] !== undefined, fences)),
  ];
}

function conditionedRules({ overspeed, prohibitedZone, sos, rules }: Policy): ConditionedRule[] {
  return [
    { id: 'overspeed', when: {}, cases: overspeed.cases ?? [] },
    { id: 'prohibited-zone', when: {}, cases: prohibitedZone.cases ?? [] },
    { id: 'sos', when: {}, cases: sos.cases ?? [] },
    ...catalogueRuleIds.flatMap((id): ConditionedRule[] => {
      const setting: RuleSetting | undefined = rules[id];
      return setting === undefined ? [] : [{ id, when: setting.when, cases: setting.cases }];
    }),
  ];
}

/** Lists of fences that differ: where a vehicle is, is a word of 32 bits, and other ten say what fences are for. */
const fenceListsMax = 21;

function tooManyLists(all: readonly ConditionedRule[]): Problem[] {
  const lists = all
    .flatMap((one) => [one, ...one.cases])
    .flatMap(({ when }) => (when.fences === undefined ? [] : [JSON.stringify([...new Set(when.fences)].sort())]));
  const count = new Set(lists).size;
  if (count <= fenceListsMax) return [];
  const message = `at most ${fenceListsMax} different lists of fences can be named, these are ${count}: give the fences uses`;
  return [{ path: ['rules'], message }];
}

function unknownFences({ id, when, cases }: ConditionedRule, fences: readonly Fence[]): Problem[] {
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
              message: `no fence has the id '${fenceId}'; ${suggestion(fenceId, known) || fenceCount(known.size)}`,
            },
          ],
    ),
  );
}

/** Where none of the ids is near: a list of others would only mislead. */
function fenceCount(count: number): string {
  if (count === 0) return 'the file has no fences';
  const told = count === 1 ? 'the file has one fence, its id stands' : `the file has ${count} fences, their ids stand`;
  return `${told} under fences.features`;
}

/** Without hours nobody could drive at all. */
function hoursProblems(setting: RuleSetting | undefined): Problem[] {
  if (setting === undefined || [setting, ...setting.cases].some(({ when }) => when.hours !== undefined)) return [];
  const message = 'is missing: give the rule or one of its cases the hours in which nobody may drive';
  return [{ path: ['rules', 'prohibited-hours', 'hours'], message }];
}

/** It is counted where vehicles of all partitions meet: there nobody knows the hours or places of each. */
function crowdingProblems(setting: RuleSetting | undefined): Problem[] {
  if (setting === undefined) return [];
  const { classes: _, ...others } = setting.when;
  const told = [...Object.keys(others), ...(setting.cases.length > 0 ? ['cases'] : [])];
  return told.map((key) => ({
    path: ['rules', 'zone-crowding', key],
    message: 'the rule knows classes alone: say the rest at the fence, with its schedule and crowdMax',
  }));
}

type FenceRule = {
  readonly id: CatalogueRuleId;
  /** The property that asks for the rule, as the file writes it. */
  readonly property: 'uses' | 'dwellMaxS' | 'crowdMax';
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
  {
    id: 'zone-crowding',
    property: 'crowdMax',
    written: 'a crowdMax and uses: [enter]',
    asks: ({ crowdMax, uses = [] }) => crowdMax !== undefined && uses.includes('enter'),
  },
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
