import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../bootstrap/lock.mjs';
import { runInstaller, say } from '../bootstrap/progress.mjs';
import { ignoredDir } from './paths.ts';
import { UnavailableError } from './server-error.ts';

const kafkaVersion = '4.3.0';
/** Kafka speaks slf4j 1.7; without a binding it would log nothing. */
const log4jVersion = '2.25.3';

const artifacts = [
  ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
  ['org.apache.kafka', 'kafka-tools', kafkaVersion],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', log4jVersion],
  ['org.apache.logging.log4j', 'log4j-core', log4jVersion],
] as const;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>haulwatch</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${artifacts
  .map(([group, id, version]) =>
    [
      '    <dependency>',
      `      <groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version>`,
      '    </dependency>',
    ].join('\n'),
  )
  .join('\n')}
  </dependencies>
</project>
`;

/** Returns the class path of Apache Kafka; fetches its jars from Maven Central when this is the first time. */
export async function ensureKafkaJars(): Promise<string> {
  const target = join(ignoredDir, `kafka-${kafkaVersion}`);
  if (!existsSync(target)) {
    const onWait = () => say('waiting for another process that fetches Apache Kafka …');
    await withLock(join(ignoredDir, 'kafka-jars.lock'), onWait, async () => {
      if (!existsSync(target)) await fetchJars(target);
    });
  }
  return join(target, 'libs', '*');
}

/** Into a folder beside, then one rename: half a class path is never taken for whole. */
async function fetchJars(target: string): Promise<void> {
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, 'pom.xml'), pom);
  const title = `fetching Apache Kafka ${kafkaVersion} from Maven Central (54 MB, once)`;
  const args = ['-B', '-ntp', 'dependency:copy-dependencies', `-DoutputDirectory=${join(partial, 'libs')}`];
  const { ok, output } = await runInstaller(title, 'mvn', args, { cwd: partial });
  if (!ok) {
    const reasons = output
      .split('\n')
      .filter((line) => line.includes('ERROR'))
      .slice(0, 5);
    throw new UnavailableError(
      `${reasons.join('\n')}\nApache Kafka could not be fetched with Maven. Check the network (a proxy or mirror goes into ~/.m2/settings.xml), then run this again.`,
    );
  }
  renameSync(partial, target);
}
