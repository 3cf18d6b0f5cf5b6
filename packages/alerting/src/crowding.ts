import { alarmAfter, alarmId, type Alarm, type AlarmStep, type Fence, type Policy } from '@haulwatch/domain';

/** An alarm of a crowd, or of a vehicle in a fence, as far as counting needs it. */
type Entry = Pick<Alarm, 'alarmId' | 'rule' | 'vehicleId' | 'class' | 'fenceId' | 'late' | 'status' | 'raisedAtMs'>;

/** What counting needs of a policy. */
type CrowdPolicy = Pick<Policy, 'fences' | 'rules' | 'version'>;

/**
 * `zone-crowding` 区域聚集: more vehicles in a fence at once than its `crowdMax`. Partitions know nothing of each other, so it is
 * counted here, where their alarms meet: who has entered (`fence-enter`) and not left is inside.
 *
 * Pure. The alarm's identity comes from the vehicle that made it a crowd and from when, so that a second look at the same
 * records tells the same steps, which every sink knows. Who begins in the middle of the log looks at what was in it already
 * without a policy, for what was told of that stands there too, and then catches up.
 */
export class Crowding {
  /** By fence, then by alarm: who is inside, in the order of entering. */
  readonly #inside = new Map<string, Map<string, Entry>>();
  /** By fence, then by alarm: the crowds that are told. One, but for a process that was replaced while it told. */
  readonly #crowds = new Map<string, Map<string, Alarm>>();
  /** By fence: the newest step that was only remembered. */
  readonly #untold = new Map<string, AlarmStep>();

  /** @param kept what the store holds. */
  constructor(kept: readonly Alarm[] = []) {
    for (const alarm of [...kept].sort((a, b) => a.raisedAtMs - b.raisedAtMs)) {
      if (alarm.status === 'open') this.#note(alarm);
    }
  }

  /** What an applied step says of crowds. @param policy the one in force; undefined: it is remembered, and nothing is told. */
  see(step: AlarmStep, policy: CrowdPolicy | undefined): AlarmStep[] {
    const { fenceId } = step;
    if (fenceId === undefined || (step.rule !== 'fence-enter' && step.rule !== 'zone-crowding')) return [];
    this.#note(alarmAfter(step));
    if (step.rule === 'zone-crowding' || step.late) return [];
    if (policy === undefined) {
      this.#untold.set(fenceId, step);
      return [];
    }
    return this.#judge(step, fenceId, policy);
  }

  /** What nobody has told of the steps that were only remembered: the log has no more of them. */
  catchUp(policy: CrowdPolicy | undefined): AlarmStep[] {
    if (policy === undefined) return [];
    const told = [...this.#untold].flatMap(([fenceId, step]) => this.#judge(step, fenceId, policy));
    this.#untold.clear();
    return told;
  }

  #judge(step: AlarmStep, fenceId: string, policy: CrowdPolicy): AlarmStep[] {
    this.#untold.delete(fenceId);
    const fence = policy.fences.find(({ id }) => id === fenceId);
    const crowds = [...(this.#crowds.get(fenceId)?.values() ?? [])];
    const members = this.#members(fenceId, policy);
    const isCrowd = fence?.crowdMax !== undefined && members.length > fence.crowdMax;
    if (isCrowd) return crowds.length === 0 ? [this.#raise(step, fence, members, policy)] : [];
    return crowds.map((crowd) => this.#clear(step, crowd));
  }

  #note(alarm: Alarm): void {
    const { fenceId } = alarm;
    if (fenceId === undefined) return;
    if (alarm.rule === 'zone-crowding') {
      const crowds = this.#crowds.get(fenceId) ?? new Map<string, Alarm>();
      this.#crowds.set(fenceId, crowds);
      if (alarm.status === 'open') crowds.set(alarm.alarmId, alarm);
      else crowds.delete(alarm.alarmId);
    }
    if (alarm.rule !== 'fence-enter' || alarm.late) return;
    const inside = this.#inside.get(fenceId) ?? new Map<string, Entry>();
    if (alarm.status === 'open') inside.set(alarm.alarmId, alarm);
    else inside.delete(alarm.alarmId);
    if (inside.size === 0) this.#inside.delete(fenceId);
    else this.#inside.set(fenceId, inside);
  }

  /** Who is inside and of the rule's classes, whoever entered first first. */
  #members(fenceId: string, { rules }: CrowdPolicy): Entry[] {
    const setting = rules['zone-crowding'];
    if (setting === undefined || setting.off === true) return [];
    const { classes } = setting.when;
    const isMeant = (entry: Entry): boolean => classes === undefined || classes.includes(entry.class);
    return [...(this.#inside.get(fenceId)?.values() ?? [])]
      .filter(isMeant)
      .sort((a, b) => a.raisedAtMs - b.raisedAtMs || (a.alarmId < b.alarmId ? -1 : 1));
  }

  /** Told of the vehicle that was one too many. */
  #raise(step: AlarmStep, fence: Fence, members: readonly Entry[], policy: CrowdPolicy): AlarmStep {
    const crowdMax = fence.crowdMax!;
    const { vehicleId, class: vehicleClass, raisedAtMs } = members[crowdMax]!;
    const { level, tier } = policy.rules['zone-crowding']!;
    const own = vehicleId === step.vehicleId ? step : undefined;
    const crowd: AlarmStep = {
      v: 1,
      kind: 'raised',
      alarmId: alarmId(vehicleId, 'zone-crowding', fence.id, raisedAtMs, false),
      seq: 1,
      rule: 'zone-crowding',
      vehicleId,
      class: vehicleClass,
      ...(own?.company !== undefined && { company: own.company }),
      ...(own?.district !== undefined && { district: own.district }),
      ...(own?.plate !== undefined && { plate: own.plate }),
      fenceId: fence.id,
      fenceName: fence.name,
      level,
      tier,
      late: false,
      atMs: step.atMs,
      startedAtMs: raisedAtMs,
      raisedAtMs: step.atMs,
      value: members.length,
      limit: crowdMax,
      limitSource: `fence '${fence.name}'`,
      peak: members.length,
      distanceM: 0,
      ...(step.lonDeg !== undefined && step.latDeg !== undefined && { lonDeg: step.lonDeg, latDeg: step.latDeg }),
      explanation: `${members.length} vehicles in '${fence.name}' at once, at most ${crowdMax}; ${vehicleId} was one too many, policy v${policy.version}`,
      policyVersion: policy.version,
      cause: step.cause,
      producedAtMs: step.producedAtMs,
    };
    this.#crowds.set(fence.id, new Map([[crowd.alarmId, alarmAfter(crowd)]]));
    return crowd;
  }

  #clear(step: AlarmStep, crowd: Alarm): AlarmStep {
    this.#crowds.get(crowd.fenceId!)?.delete(crowd.alarmId);
    const { status: _status, updatedAtMs: _updatedAtMs, ...alarm } = crowd;
    const minutes = Math.round((step.atMs - crowd.startedAtMs) / 60_000);
    return {
      ...alarm,
      v: 1,
      kind: 'cleared',
      seq: crowd.seq + 1,
      atMs: step.atMs,
      endedAtMs: step.endedAtMs ?? step.atMs,
      clearReason: 'condition-over',
      explanation: `no more than ${crowd.limit ?? 0} vehicles in '${crowd.fenceName ?? ''}' after ${minutes} min, policy v${crowd.policyVersion}`,
      cause: step.cause,
      producedAtMs: step.producedAtMs,
    };
  }
}
