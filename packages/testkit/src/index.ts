/**
 * Real servers for `*.int.test.ts`. One call a suite:
 *
 *     import { describeWithServers } from '@haulwatch/testkit'
 *
 *     describeWithServers('the alarm log on Kafka', ['kafka', 'postgres'], ({ kafka, postgres }) => {
 *       const topic = `${kafka.topicPrefix}alarm-log`
 *       let url: string
 *       beforeAll(async () => { url = await postgres.createDatabase() })
 *       test('…', async () => { … kafka.bootstrapServers … url … })
 *     })
 *
 * The servers start once for the whole integration run, each when the first suite asks for it, and die with the run.
 * Where they come from, first that works: the address in KAFKA_BROKERS, REDIS_URL or DATABASE_URL; programs of this
 * machine (installed first where that is allowed); Docker; else every test of the suite is a visible skip whose title
 * says why, and a failure where CI=true.
 *
 * A suite keeps to itself: its topics begin with `topicPrefix` (letters, digits, hyphens; ends in a hyphen; use it in
 * group ids too), its keys with `keyPrefix` (ends in a colon), its tables live in a database of its own. The prefixes
 * differ for every suite and every run. The body runs even when the suite is skipped (so that its tests are counted):
 * connect in `beforeAll` or in a test, never in the body itself.
 */
export { describeWithServers } from './describe-with-servers.ts';
export type { KafkaForTests, PostgresForTests, RedisForTests, ServerName, TestServers } from './test-servers.ts';
export { kafkaForTests, NoServerError, postgresForTests, redisForTests } from './test-servers.ts';
export { liveStoreContract } from './live-store-contract.ts';
export type { LiveStoreUnderTest, OpenLiveStore } from './live-store-under-test.ts';
export { alarmLogs, fullStep, overlappingRuns, sampleAlarm, sampleAlarmId, sampleStep } from './alarm-samples.ts';
export { logContract } from './log-contract.ts';
export type { LogUnderTest, OpenLog } from './log-under-test.ts';
export { historyContract, type HistoryUnderTest, type OpenHistoryForTest } from './history-contract.ts';
