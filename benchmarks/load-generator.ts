import { headerSize, rowSize } from '@haulwatch/codec';
import { setTimeout as sleep } from 'node:timers/promises';
import { topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import type { NewLogRecord } from '@haulwatch/ports';
import { openFleetRegistry, openPolicyRegistry } from '@haulwatch/service';
import { LoadFleet, type LoadFrame } from './load-fleet.ts';
import { slotMs, type LoadOptions, type LoadReport, type LoadStep } from './load-plan.ts';

/**
 * The gateway of a load: a process of its own that sends frames by the clock, whether or not anybody keeps up. A slot that
 * was missed is sent late with the time that it should have had. Told by messages what rate to send; see load-plan.ts.
 */
const reportEveryMs = 250;

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const topics = topicsWithPrefix('');
const log = await openKafkaLog({ brokers: options.brokers, clientId: 'load' });
const registry = await openFleetRegistry(log, topics.fleet);
const policies = await openPolicyRegistry(log, topics.policies);
const fleet = new LoadFleet(registry.fleet.vehicles(), policies.active()!, options.partitions, options.rowsMax);
await registry[Symbol.asyncDispose]();
await policies[Symbol.asyncDispose]();

const totals = { sentFixes: 0, sentRecords: 0, ackedFixes: 0, refusedFixes: 0, lateMs: 0 };
/** Calls that the log has not answered. */
const underWay = { count: 0 };
const told = Promise.withResolvers<LoadStep>();
let next: LoadStep | undefined;

function report(kind: LoadReport['kind']): void {
  process.send!({ kind, ...totals } satisfies LoadReport);
  totals.lateMs = 0;
}

function send(frames: readonly LoadFrame[]): void {
  const fixes = frames.reduce((sum, { value }) => sum + (value.length - headerSize) / rowSize, 0);
  totals.sentFixes += fixes;
  totals.sentRecords += frames.length;
  const records = frames.map((frame) => ({ ...frame, key: null }));
  void append(records, fixes);
}

async function append(records: readonly NewLogRecord[], fixes: number): Promise<void> {
  underWay.count += 1;
  try {
    await log.append(topics.telemetry, records);
    totals.ackedFixes += fixes;
  } catch {
    totals.refusedFixes += fixes;
  }
  underWay.count -= 1;
}

/** Sends one step after the other; a step lasts until the next one begins. A negative rate ends all. */
async function drive(): Promise<void> {
  let step = await told.promise;
  let atMs = step.fromMs;
  for (;;) {
    if (next !== undefined && next !== step && next.fromMs <= atMs) step = next;
    if (step.fixesPerS < 0) return;
    const waitMs = atMs - Date.now();
    // Also when late: what was acknowledged meanwhile wants to be heard.
    await sleep(Math.max(0, waitMs));
    totals.lateMs = Math.max(totals.lateMs, Date.now() - atMs);
    const share = (step.fixesPerS * slotMs) / 1_000 / options.vehicles;
    if (share > 0) send(fleet.frames(atMs, share));
    atMs += slotMs;
  }
}

process.on('message', (message: LoadStep) => {
  next = message;
  told.resolve(message);
});
const timer = setInterval(() => report('progress'), reportEveryMs);
report('ready');
await drive();
while (underWay.count > 0) await sleep(10);
clearInterval(timer);
report('drained');
await log.close();
process.disconnect();
