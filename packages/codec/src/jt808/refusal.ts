import type { Reject, RejectReason } from '@haulwatch/domain';

/** Why a frame, or a location in it, was not taken, with the domain's reason under which its row is counted. */
const refusalReasons = {
  'hex-broken': 'row-broken',
  'flag-missing': 'frame-truncated',
  'frame-too-short': 'frame-truncated',
  'bad-checksum': 'frame-crc-mismatch',
  'length-mismatch': 'frame-malformed',
  encrypted: 'frame-malformed',
  'parts-missing': 'frame-truncated',
  'parts-wrong': 'frame-malformed',
  'body-too-short': 'frame-truncated',
  'time-invalid': 'field-range',
} as const satisfies Readonly<Record<string, RejectReason>>;

export type RefusalReason = keyof typeof refusalReasons;

/** Bad input as a value. */
export type Refusal = { readonly reason: RefusalReason; readonly detail: string };

export function refusal(reason: RefusalReason, detail: string): Refusal {
  return { reason, detail };
}

/** The same for the books of the house. */
export function rejectOf({ reason, detail }: Refusal): Reject {
  return { reason: refusalReasons[reason], detail: `${reason.replaceAll('-', ' ')}: ${detail}` };
}
