import { isReject } from '@haulwatch/codec';
import { decodePolicy, encodePolicy, PolicyBook, policyKey, samePolicy, type Problem } from '@haulwatch/contract';
import type { Policy, Reject } from '@haulwatch/domain';
import { LogError, type Log } from '@haulwatch/ports';
import { compilePolicy } from './fence-buffer.ts';
import { oneAtATime } from './fleet-registry.ts';
import { followTopic } from './followed-topic.ts';

/** The policies of the topic `policies`, kept up to date, and the way to publish one. */
export type PolicyRegistry = AsyncDisposable & {
  /** The policy in force; undefined: none has been published yet. */
  active(): Policy | undefined;
  /**
   * Publishes the value of a policy file under the next version, unless the active policy says the same already. Fences
   * with a `bufferM` are grown first, which may take up to a minute.
   */
  publish(file: unknown): Promise<PublishOutcome>;
};

export type PublishOutcome =
  | { readonly ok: true; readonly policy: Policy; readonly published: boolean }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type PolicyListener = {
  /** Called with each policy that comes into force, those of the past included. */
  readonly onActive?: (policy: Policy) => void;
  readonly onReject?: (reject: Reject, offset: number) => void;
  /** Called with what of a policy of the past is not obeyed, because no policy may say it any more. */
  readonly onAmended?: (detail: string, offset: number) => void;
};

const attemptsMax = 5;

/** Follows the topic `policies` (one partition). See `PolicyBook` for what stands when two publish at once. */
export async function openPolicyRegistry(
  log: Pick<Log, 'append' | 'follow'>,
  topic: string,
  listener: PolicyListener = {},
): Promise<PolicyRegistry> {
  const book = new PolicyBook();
  const keyByVersion = new Map<number, string>();
  const followed = await followTopic(log, topic, ({ value, offset }) => {
    if (value === null) return;
    const policy = decodePolicy(value, (detail) => listener.onAmended?.(detail, offset));
    if (isReject(policy)) return listener.onReject?.(policy, offset);
    if (!book.put(policy)) return;
    keyByVersion.set(policy.version, policyKey(policy));
    if (book.active === policy) listener.onActive?.(policy);
  });

  async function publish(file: unknown): Promise<PublishOutcome> {
    const compiled = await compilePolicy(file, book.nextVersion);
    if (!compiled.ok) return compiled;
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const policy = { ...compiled.policy, version: book.nextVersion };
      const { active } = book;
      if (active !== undefined && samePolicy(active, policy)) return { ok: true, policy: active, published: false };
      const key = policyKey(policy);
      await followed.append([{ key, value: encodePolicy(policy) }]);
      if (keyByVersion.get(policy.version) === key) return { ok: true, policy, published: true };
    }
    throw new LogError('failed', `${topic}: other programs publish policies all the time; try again`, {
      retriable: true,
    });
  }

  const inTurn = oneAtATime();
  return {
    active: () => book.active,
    publish: (file) => inTurn(() => publish(file)),
    [Symbol.asyncDispose]: () => followed.close(),
  };
}
