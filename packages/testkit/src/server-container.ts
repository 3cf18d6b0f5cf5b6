import { freePorts, type ServerName } from '@haulwatch/local';
import type { StartedTestContainer } from 'testcontainers';
import type { SourcedServer } from './sourced-server.ts';

/** Starts the server in Docker; undefined where no Docker daemon answers. */
export async function startContainer(name: ServerName): Promise<SourcedServer | undefined> {
  // Loaded here and not above: it is large, and most runs never come this way.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const { image, containerPort, environment, command, log, address } = recipes[name];
  const hostPort = (await freePorts(1))[0]!;
  const container = await new GenericContainer(image)
    .withExposedPorts({ container: containerPort, host: hostPort })
    .withEnvironment(environment(hostPort))
    .withCommand(command)
    .withWaitStrategy(Wait.forLogMessage(log.text, log.times))
    .withStartupTimeout(180_000)
    .start();
  return {
    address: address(container.getHost(), hostPort),
    stop: async () => void (await container.stop()),
    runSql: (statement) => runSql(container, statement),
  };
}

type Recipe = {
  readonly image: string;
  readonly containerPort: number;
  readonly environment: (hostPort: number) => Record<string, string>;
  readonly command: string[];
  readonly log: { readonly text: RegExp; readonly times: number };
  readonly address: (host: string, hostPort: number) => string;
};

/** The images of deploy/compose.yaml. */
const recipes: Record<ServerName, Recipe> = {
  kafka: {
    image: 'apache/kafka:4.3.0',
    containerPort: 9092,
    environment: (hostPort) => ({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://localhost:${hostPort}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    }),
    command: [],
    log: { text: /Kafka Server started/, times: 1 },
    address: (_, hostPort) => `localhost:${hostPort}`,
  },
  redis: {
    image: 'redis:7',
    containerPort: 6379,
    environment: () => ({}),
    command: ['redis-server', '--appendonly', 'yes', '--appendfsync', 'everysec'],
    log: { text: /Ready to accept connections/, times: 1 },
    address: (host, hostPort) => `redis://${host}:${hostPort}`,
  },
  postgres: {
    image: 'postgres:17',
    containerPort: 5432,
    environment: () => ({ POSTGRES_HOST_AUTH_METHOD: 'trust', POSTGRES_DB: 'haulwatch' }),
    command: [],
    // The image starts once to set up and once for good.
    log: { text: /database system is ready to accept connections/, times: 2 },
    address: (host, hostPort) => `postgres://postgres@${host}:${hostPort}/haulwatch`,
  },
};

async function runSql(container: StartedTestContainer, statement: string): Promise<void> {
  const { exitCode, output } = await container.exec(['psql', '-U', 'postgres', '-qc', statement]);
  if (exitCode !== 0) throw new Error(output);
}
