import type { Reject, RejectReason } from '@haulwatch/domain';

export function reject(reason: RejectReason, detail: string): Reject {
  return { reason, detail };
}

/** Tells a reject from what a decoder hands out when all is well: nothing decoded here has a field `reason`. */
export function isReject(decoded: object): decoded is Reject {
  return 'reason' in decoded;
}
