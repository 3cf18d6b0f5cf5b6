import { vehicleClasses } from '@haulwatch/domain';
import type { EpisodeNames, RuleSet } from '@haulwatch/rules';

export type FenceLabel = { readonly id: string; readonly name: string };

/**
 * Numbers for fences that outlive policies: an episode keeps the name under which it began, and a rule set numbers its
 * fences anew. A label is given when an episode first needs it.
 */
export class Labels implements EpisodeNames {
  readonly #labels: FenceLabel[] = [];
  readonly #byText = new Map<string, number>();
  #rules: RuleSet;
  /** By the fence's number in the rule set: its label, or -1. */
  #ofFence: Int32Array;

  constructor(rules: RuleSet) {
    this.#rules = rules;
    this.#ofFence = new Int32Array(rules.fences.length).fill(-1);
  }

  setRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#ofFence = new Int32Array(rules.fences.length).fill(-1);
  }

  /** The label of a fence of the rule set. */
  ofFence(number: number): number {
    const known = this.#ofFence[number]!;
    if (known >= 0) return known;
    const { id, name } = this.#rules.fences[number]!;
    const label = this.put({ id, name });
    this.#ofFence[number] = label;
    return label;
  }

  put(label: FenceLabel): number {
    const text = JSON.stringify([label.id, label.name]);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const number = this.#labels.push(label) - 1;
    this.#byText.set(text, number);
    return number;
  }

  fence(label: number): FenceLabel {
    return this.#labels[label]!;
  }

  limitSource(source: number): string {
    return source < 0 ? `class ${vehicleClasses[-1 - source]!}` : `fence '${this.fence(source).name}'`;
  }
}
