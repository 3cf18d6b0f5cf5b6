/** What the benchmark tells the generator: from this time on so many fixes a second; 0 is a pause, less ends it. */
export type LoadStep = { readonly fromMs: number; readonly fixesPerS: number };

/** How the generator is started: one JSON argument. */
export type LoadOptions = {
  readonly brokers: readonly string[];
  readonly partitions: number;
  readonly vehicles: number;
  readonly rowsMax: number;
};

/** What the generator says every 250 ms, and when everything is acknowledged. */
export type LoadReport = {
  readonly kind: 'ready' | 'progress' | 'drained';
  readonly sentFixes: number;
  readonly sentRecords: number;
  /** Of these: acknowledged by the log. */
  readonly ackedFixes: number;
  /** Fixes that the log refused because too much waited. */
  readonly refusedFixes: number;
  /** How late the newest slot was sent, ms, at worst since the last report. */
  readonly lateMs: number;
};

/** A slot: the vehicles due in it go out together, as a gateway does that lingers. */
export const slotMs = 50;

/** The slots of a plan, in order, each with the share of the fleet that is due in it; ends with the plan's last step. */
export function* slotsOf(
  plan: readonly LoadStep[],
  vehicles: number,
): Generator<{ readonly atMs: number; readonly share: number }> {
  for (const [index, step] of plan.entries()) {
    const endMs = plan[index + 1]?.fromMs;
    if (endMs === undefined) return;
    const share = (step.fixesPerS * slotMs) / 1_000 / vehicles;
    for (let atMs = step.fromMs; atMs < endMs; atMs += slotMs) if (share > 0) yield { atMs, share };
  }
}
