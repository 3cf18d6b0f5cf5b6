import { LogError } from '@haulwatch/ports';

/** What kafkajs hangs on its errors; all of it optional. */
type KafkajsError = {
  readonly name?: string;
  readonly type?: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  /** Several topics may fail in one call; the first says enough. */
  readonly errors?: readonly unknown[];
};

const unreachableNames: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
]);

/** Refusals that say: this member's generation is over. */
const fencedTypes: ReadonlySet<string> = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);

/** The coordinator of a group is on its way: on a fresh broker every first join meets this for a moment. */
const coordinatorTypes: ReadonlySet<string> = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** Says in our words what kafkajs met while it was `doing` something, and what to do about it. */
export function toLogError(error: unknown, doing: string, brokers: readonly string[]): LogError {
  if (error instanceof LogError) return error;
  const chain = causes(error);
  const told = (code: LogError['code'], message: string, retriable: boolean): LogError =>
    new LogError(code, message, { retriable, cause: error });

  for (const { name, type } of chain) {
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION')
      return told('topic-missing', `Kafka lacks the topic or partition (${doing}): create it first.`, false);
    if (name === 'OffsetGone' || type === 'OFFSET_OUT_OF_RANGE') {
      return told(
        'offset-gone',
        `Kafka no longer has the records asked for (${doing}): retention has removed them, or the topic was made anew.`,
        false,
      );
    }
    if (type === 'MESSAGE_TOO_LARGE')
      return told(
        'record-too-large',
        `Kafka refused the size of a record (${doing}): look at the topic's max.message.bytes.`,
        false,
      );
    if (name === 'NotAssigned')
      return told('fenced', `The partition is another member's now (${doing}): drop its state.`, false);
    if (type !== undefined && fencedTypes.has(type)) {
      return told(
        'fenced',
        `The group is being rebalanced (${doing}): if the partition stays ours a later call goes through.`,
        true,
      );
    }
  }
  const refusal = chain.find(isRefusal);
  if (refusal !== undefined) {
    return told(
      'failed',
      `Kafka at ${brokers.join(', ')} turns us away (${doing}): ${refusal.message}. Look at KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM.`,
      false,
    );
  }
  const stranger = chain.find(isStranger);
  if (stranger !== undefined) {
    return told(
      'failed',
      `Whoever answers at ${brokers.join(', ')} does not prove to be Kafka (${doing}): ${stranger.message}. Look at KAFKA_TLS, and at KAFKA_CA_FILE, which names who vouches for the brokers.`,
      false,
    );
  }
  if (chain.some(isUnreachable)) {
    // What a broker without TLS does, and one that is just being stopped.
    const hangsUpOnTls = chain.some(({ message }) => message?.includes('before secure TLS connection') === true);
    return told(
      'unreachable',
      `Kafka at ${brokers.join(', ')} does not answer (${doing}): is it running${hangsUpOnTls ? ', and does it speak TLS (KAFKA_TLS)' : ''}? npm run servers -- up kafka`,
      true,
    );
  }
  const deepest = chain.at(-1);
  const reason = deepest?.message ?? String(error);
  return told(
    'failed',
    `Kafka could not do it (${doing}): ${reason}`,
    deepest?.retriable === true || isCoordinatorOnItsWay(error),
  );
}

/** Whether the same request may go through in a moment: the broker is away, moving a leader or loading a group. */
export function isTransient(error: unknown): boolean {
  return causes(error).some((it) => isUnreachable(it) || it.retriable === true) || isCoordinatorOnItsWay(error);
}

/** By its text, too: where kafkajs joins a group it wraps the error, and the type gets lost. */
export function isCoordinatorOnItsWay(error: unknown): boolean {
  return causes(error).some(
    ({ type, message }) => (type !== undefined && coordinatorTypes.has(type)) || /coordinator/i.test(message ?? ''),
  );
}

export function isTopicUnknown(error: unknown): boolean {
  return causes(error).some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION');
}

function isUnreachable({ name, code }: KafkajsError): boolean {
  return (
    (name !== undefined && unreachableNames.has(name)) ||
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === 'ECONNRESET'
  );
}

function isRefusal({ name, type }: KafkajsError): boolean {
  return name === 'KafkaJSSASLAuthenticationError' || type === 'SASL_AUTHENTICATION_FAILED';
}

/** No TLS where it was expected, or a certificate that nobody whom we know vouches for; the codes are Node's and OpenSSL's. */
function isStranger({ code }: KafkajsError): boolean {
  return typeof code === 'string' && /CERT|^ERR_SSL_|^ERR_TLS_|^EPROTO$/.test(code);
}

/** The error and its causes, outermost first. kafkajs never nests deeper than three; the limit is against circles. */
function causes(error: unknown): readonly KafkajsError[] {
  const depthMax = 8;
  const chain: KafkajsError[] = [];
  for (let at: unknown = error; typeof at === 'object' && at !== null && chain.length < depthMax;) {
    const found: KafkajsError = at;
    chain.push(found);
    at = found.cause ?? found.errors?.[0];
  }
  return chain;
}
