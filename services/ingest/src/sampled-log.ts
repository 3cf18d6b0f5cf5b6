import type { RejectReason } from '@haulwatch/domain';
import type { IngestPorts } from './ingest-ports.ts';

/** One line of log for each reason and ten seconds, however many rejects there are. */
export function sampledRejectLog(
  ports: Pick<IngestPorts, 'nowMs' | 'logger'>,
): (reason: RejectReason, detail: string) => void {
  const loggedAtMs = new Map<RejectReason, number>();
  return (reason, detail) => {
    const nowMs = ports.nowMs();
    if (nowMs - (loggedAtMs.get(reason) ?? -Infinity) < 10_000) return;
    loggedAtMs.set(reason, nowMs);
    ports.logger.warn({ reason, detail }, 'fix rejected');
  };
}
