import type { Policy } from '@haulwatch/domain';

/**
 * The policies of the topic `policies`: its fold. The highest version is active. Were one version written twice, the
 * first record stands, for whoever reads and whenever: an alarm that names a version names one rule set.
 */
export class PolicyBook {
  readonly #versions = new Set<number>();
  #active: Policy | undefined;

  get active(): Policy | undefined {
    return this.#active;
  }

  /** The version that a new policy gets. */
  get nextVersion(): number {
    return Math.max(0, ...this.#versions) + 1;
  }

  /** Takes the next record of the topic. False: its version stands already, the record says nothing. */
  put(policy: Policy): boolean {
    if (this.#versions.has(policy.version)) return false;
    this.#versions.add(policy.version);
    if (this.#active === undefined || policy.version > this.#active.version) this.#active = policy;
    return true;
  }
}
