import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { brokerProperties, log4jXml, type BrokerNode } from './kafka-config.ts';
import { ensureKafkaJars } from './kafka-jars.ts';
import { kafkaIsReady } from './kafka-probe.ts';
import { freePorts, loopback } from './ports.ts';
import { findJava } from './programs.ts';
import { ensureRequirements } from './requirements.ts';
import { ServerError } from './server-error.ts';
import { spawnServer, stopServers, waitUntilReady, type ServerProcess } from './server-process.ts';
import type { StartOptions } from './start-options.ts';

export type RunningKafka = {
  /** `host:port` of every broker. */
  readonly bootstrapServers: readonly string[];
  /** One a broker, in the order of bootstrapServers. */
  readonly processes: readonly ServerProcess[];
  readonly pids: readonly number[];
  /** kill -9 of one broker, by its place in bootstrapServers. */
  readonly kill: (brokerIndex: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type KafkaOptions = StartOptions & {
  /** 1 or 3; each is broker and controller. */
  readonly brokers?: number;
  /** The clients' ports, one a broker; free ones where absent. */
  readonly ports?: readonly number[];
  /** Properties of the brokers beside ours, or in place of them; of each by itself, where they are not all alike. */
  readonly properties?: BrokerProperties | ((node: BrokerNode) => BrokerProperties);
};

/** One node is ready after about 4 s, three on two cores after 10 s; a busy machine may take several times that. */
const readyMsMax = 120_000;
/** The last of three controllers waits for a quorum that has gone, for minutes; its data survives a kill. */
const stopMsMax = 10_000;
/** Three of these, two databases and a test run fit into 8 GB. */
const heapMb = 512;

/** Starts Apache Kafka in KRaft mode on loopback and resolves when all brokers know of each other. */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const brokers = options.brokers ?? 1;
  await ensureRequirements(['kafka']);
  const java = await findJava();
  if (java === undefined) throw new ServerError('java has gone');
  const jvm = { java, classPath: await ensureKafkaJars() };
  const nodes = await layOutNodes(brokers, options.ports);
  const clusterId = rememberedClusterId(options.dir);
  await Promise.all(
    nodes.map((node) => prepareNode(jvm, { node, nodes, properties: options.properties }, options.dir, clusterId)),
  );
  const processes = nodes.map((node) => spawnBroker(jvm, node, options));
  options.onSpawned?.(processes);
  const bootstrapServers = nodes.map(({ clientPort }) => `${loopback}:${clientPort}`);
  const stop = () => stopServers(processes, options.ephemeral === true ? 'SIGKILL' : 'SIGTERM', stopMsMax);
  try {
    const allReady = async () =>
      (await Promise.all(bootstrapServers.map((server) => kafkaIsReady(server, brokers)))).every(Boolean);
    await waitUntilReady('Apache Kafka', processes, allReady, readyMsMax);
  } catch (error) {
    await stop();
    throw error;
  }
  const kill = async (brokerIndex: number) => {
    const broker = processes[brokerIndex];
    if (broker === undefined) throw new RangeError(`there is no broker ${brokerIndex}`);
    await stopServers([broker], 'SIGKILL', 0);
  };
  return { bootstrapServers, processes, pids: processes.map(({ pid }) => pid), kill, stop };
}

type BrokerProperties = Readonly<Record<string, string | number>>;

type Jvm = { readonly java: string; readonly classPath: string };

async function layOutNodes(brokers: number, ports: readonly number[] | undefined): Promise<BrokerNode[]> {
  const free = await freePorts(brokers * 2);
  return Array.from({ length: brokers }, (_, id) => ({
    id,
    clientPort: ports?.[id] ?? free[id]!,
    controllerPort: free[brokers + id]!,
  }));
}

/** All nodes of a cluster and all its starts share the id; Kafka refuses data of another cluster. */
function rememberedClusterId(dir: string): string {
  const file = join(dir, 'cluster-id');
  mkdirSync(dir, { recursive: true });
  if (!existsSync(file)) {
    // Kafka's Uuid in base64url; the leading letter keeps the command line from taking it for an option.
    writeFileSync(file, `H${randomBytes(16).toString('base64url').slice(1)}`);
  }
  return readFileSync(file, 'utf8');
}

async function prepareNode(
  jvm: Jvm,
  {
    node,
    nodes,
    properties,
  }: { node: BrokerNode; nodes: readonly BrokerNode[]; properties: KafkaOptions['properties'] },
  dir: string,
  clusterId: string,
): Promise<void> {
  const files = nodeFiles(dir, node.id);
  mkdirSync(files.dataDir, { recursive: true });
  const own = typeof properties === 'function' ? properties(node) : properties;
  writeFileSync(files.properties, brokerProperties(node, nodes, files.dataDir, own));
  writeFileSync(files.log4j, log4jXml(files.log));
  if (existsSync(join(files.dataDir, 'meta.properties'))) return;
  const log4j = `-Dlog4j2.configurationFile=${files.log4j}`;
  const command = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', files.properties];
  // The quick compiler alone: this program ends before the good one pays.
  const args = ['-XX:TieredStopAtLevel=1', '-cp', jvm.classPath, log4j, ...command];
  const { exitCode, all } = await execa(jvm.java, args, { all: true, reject: false });
  if (exitCode !== 0) throw new ServerError(`Apache Kafka could not format ${files.dataDir}:\n${all}`);
}

function spawnBroker(jvm: Jvm, node: BrokerNode, options: KafkaOptions): ServerProcess {
  const files = nodeFiles(options.dir, node.id);
  const flags = [`-Xms${heapMb / 2}m`, `-Xmx${heapMb}m`, '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true'];
  const log4j = `-Dlog4j2.configurationFile=${files.log4j}`;
  return spawnServer(jvm.java, [...flags, log4j, '-cp', jvm.classPath, 'kafka.Kafka', files.properties], {
    marker: files.properties,
    logFiles: [files.output, files.log],
    cwd: files.nodeDir,
    leash: options.ephemeral === true ? 'KILL' : undefined,
  });
}

function nodeFiles(dir: string, id: number) {
  const nodeDir = join(dir, `node-${id}`);
  return {
    nodeDir,
    dataDir: join(nodeDir, 'data'),
    properties: join(nodeDir, 'server.properties'),
    log4j: join(nodeDir, 'log4j2.xml'),
    log: join(nodeDir, 'kafka.log'),
    /** What the JVM itself prints, such as an exception in main before there is a log. */
    output: join(nodeDir, 'output.log'),
  };
}
