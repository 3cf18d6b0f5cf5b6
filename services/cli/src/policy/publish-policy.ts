import { policyAnswerSchema, preparePolicy, type PolicyAnswer } from '@haulwatch/contract';
import { openPolicyRegistry } from '@haulwatch/service';
import { openLog, type BrokerOptions } from '../broker-options.ts';
import { httpApi, problemError } from '../http-api.ts';
import { problemsError, readPolicyText, type PolicyText } from './policy-yaml.ts';

/** Publishes a policy file into the topic `policies`. @throws CliError with every mistake and its place. */
export async function publishToLog(path: string, broker: BrokerOptions): Promise<PolicyAnswer> {
  const file = await readChecked(path);
  await using stack = new AsyncDisposableStack();
  const { log, topics } = stack.use(await openLog(broker));
  const registry = stack.use(await openPolicyRegistry(log, topics.policies));
  const outcome = await registry.publish(file.value);
  if (!outcome.ok) throw problemsError(path, file, outcome.problems);
  const { version, name } = outcome.policy;
  return { version, name, published: outcome.published };
}

/** The same by `POST /v1/policies`. */
export async function publishToApi(path: string, url: string, signal: AbortSignal): Promise<PolicyAnswer> {
  const file = await readChecked(path);
  const answer = await httpApi(url, signal).request({
    method: 'POST',
    path: '/v1/policies',
    body: JSON.stringify(file.value),
    answer: policyAnswerSchema,
  });
  if (answer.ok) return answer.value;
  const { errors } = answer.problem;
  throw errors === undefined ? problemError(url, answer.problem) : problemsError(path, file, errors);
}

/** Mistakes are told before any server is asked; fences are grown once, by the one that publishes. */
async function readChecked(path: string): Promise<PolicyText> {
  const file = await readPolicyText(path);
  const prepared = preparePolicy(file.value, 1);
  if (!prepared.ok) throw problemsError(path, file, prepared.problems);
  return file;
}
