import { loopback } from './ports.ts';

export type BrokerNode = {
  readonly id: number;
  readonly clientPort: number;
  readonly controllerPort: number;
};

/**
 * The properties of one broker of a KRaft cluster in which every node is broker and controller
 * (kafka.apache.org/43/configuration/broker-configs).
 */
export function brokerProperties(
  node: BrokerNode,
  nodes: readonly BrokerNode[],
  dataDir: string,
  overrides: Readonly<Record<string, string | number>> = {},
): string {
  const copies = Math.min(nodes.length, 3);
  const voters = nodes.map(({ id, controllerPort }) => `${id}@${loopback}:${controllerPort}`);
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `CLIENT://${loopback}:${node.clientPort},CONTROLLER://${loopback}:${node.controllerPort}`,
    'advertised.listeners': `CLIENT://${loopback}:${node.clientPort}`,
    'inter.broker.listener.name': 'CLIENT',
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir,
    // A mistyped topic name must be an error, not a new topic.
    'auto.create.topics.enable': false,
    'default.replication.factor': copies,
    'min.insync.replicas': Math.max(1, copies - 1),
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': Math.max(1, copies - 1),
    // A broker that dies keeps its leaderships until its session ends: 9 s by default, in which nobody is watched.
    'broker.session.timeout.ms': 2_000,
    'broker.heartbeat.interval.ms': 400,
    // And the controllers choose another as soon, where it was the active one: 2 s and 1 s by default.
    'controller.quorum.fetch.timeout.ms': 1_000,
    'controller.quorum.election.timeout.ms': 500,
    // A machine's own cluster has few groups: the default of 50 partitions only makes the first join slower.
    'offsets.topic.num.partitions': 4,
    // The default waits 3 s for more members; here a group is complete when its first member comes.
    'group.initial.rebalance.delay.ms': 0,
    // Lets tests see a dead consumer after 1 s instead of 6 s.
    'group.min.session.timeout.ms': 1000,
    ...overrides,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Kafka's own log as a file of at most 4 x 20 MB beside the broker's data. */
export function log4jXml(logFile: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <RollingFile name="file" fileName="${logFile}" filePattern="${logFile}.%i">
      <PatternLayout pattern="%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p %c{1} - %m%n"/>
      <SizeBasedTriggeringPolicy size="20 MB"/>
      <DefaultRolloverStrategy max="3"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Root level="INFO"><AppenderRef ref="file"/></Root>
  </Loggers>
</Configuration>
`;
}
