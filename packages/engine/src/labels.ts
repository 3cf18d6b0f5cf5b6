import { vehicleClasses } from '@haulwatch/domain';
import { limitOfPolicy, type EpisodeNames, type RuleSet } from '@haulwatch/rules';

export type FenceLabel = { readonly id: string; readonly name: string };

/**
 * Numbers for fences that outlive policies: an episode keeps the name under which it began, and a rule set numbers its
 * fences anew. A label is given when an episode first needs it.
 */
export class Labels implements EpisodeNames {
  readonly #labels: FenceLabel[] = [];
  readonly #byText = new Map<string, number>();
  /** By label: the first label of the same fence, under whatever name. */
  readonly #ids: number[] = [];
  readonly #byId = new Map<string, number>();
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
    const first = this.#byId.get(label.id) ?? number;
    this.#byId.set(label.id, first);
    this.#ids.push(first);
    return number;
  }

  /** The same number for all labels of one fence; -1 is no fence. */
  idOf(label: number): number {
    return label < 0 ? label : this.#ids[label]!;
  }

  fence(label: number): FenceLabel {
    return this.#labels[label]!;
  }

  /** Of a limit's origin as episodes keep it: twice a label, or the code below, and 1 more at night. */
  limitSource(source: number): string {
    const place = source >> 1;
    const night = (source & 1) === 1 ? ' at night' : '';
    if (place === limitOfPolicy) return 'policy';
    return (place < 0 ? `class ${vehicleClasses[-1 - place]!}` : `fence '${this.fence(place).name}'`) + night;
  }
}
