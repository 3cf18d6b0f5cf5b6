import { ruleIds, ruleSpec, type RuleId } from '@haulwatch/domain';
import {
  motion,
  observeOverspeed,
  resetObservation,
  settingOf,
  type ActiveRule,
  type AnyRule,
  type Facts,
  type KindRule,
  type Quiet,
  type Situation,
} from '@haulwatch/rules';
import type { EpisodeRun } from './episode-run.ts';
import { wordAt, type Lanes } from './lanes.ts';
import { Stays, type Sighting } from './stays.ts';
import { prohibitedZone, Zones } from './zones.ts';

const numberOf = (rule: RuleId): number => ruleIds.indexOf(rule);
const overspeed = numberOf('overspeed');
const clockSkew = numberOf('clock-skew');

/** By rule number: whether what it has seen goes on unseen. An emergency does: no timer ends it. */
const lastsAcrossGaps = ruleIds.map((rule) => ruleSpec(rule).lastsAcrossGaps);

const noLabel = -1;

/** Asks the rules of a vehicle's class about the facts of a fix, and hands what they saw to its episodes. */
export class Judge {
  readonly stays: Stays;
  /** What the fix is to the stays; the caller's to fill. */
  readonly sighting: Sighting = {
    isFirst: false,
    formerMinute: 0,
    sinceMinutes: 0,
    isVague: false,
    isJitter: false,
    marginM: 0,
  };
  /** What the next fixes may do without being shown to any rule. */
  readonly quiet: Quiet = { untilMs: Infinity, ceilingDkph: Infinity };
  readonly #zones: Zones;
  readonly #facts: Facts;
  readonly #run: EpisodeRun;
  readonly #situation: Situation = { placeMask: 0, minuteOfWeek: 0, subject: '', eventLevel: 0 };
  #kindRule!: ActiveRule<KindRule>;

  constructor(facts: Facts, run: EpisodeRun) {
    this.#facts = facts;
    this.#run = run;
    this.#zones = new Zones(facts, run);
    this.stays = new Stays(facts, run, this.#situation);
  }

  /** All rules over a fix whose place, motion and signals are known. */
  judge(lanes: Lanes, lane: number, isClosed: boolean): void {
    const facts = this.#facts;
    const rules = facts.rules.classRules[facts.classCode]!;
    this.#begin();
    if (facts.isPlaced) {
      if (facts.isBelieved && (isClosed || this.#run.has(prohibitedZone))) {
        this.needFences(lanes, lane);
        this.#zones.see(lanes, lane, this.sighting);
      }
      observeOverspeed(facts, this.#run.seen);
      this.#run.apply(overspeed, noLabel, facts.rules.timing.overspeed);
      if (facts.isBelieved && this.stays.isWatching(lanes, lane)) {
        this.needFences(lanes, lane);
        this.stays.see(lanes, lane, this.sighting, this.quiet);
      }
    }
    for (const active of rules.vehicle) this.#ask(active);
    for (const active of rules.kinds) this.#askKinds(active);
    if (this.#run.hasAny) this.#endWithdrawn(lanes, lane);
  }

  /** The rules that ask about silence. */
  judgeSilence(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    this.#begin();
    if (facts.silentMs > facts.rules.classRules[facts.classCode]!.goneAfterMs) this.#endBroken(lanes, lane);
    this.#zones.recall();
    // Where it is now that was driving when it was last heard of, nobody knows.
    const isThere = facts.motion !== motion.moving;
    if (isThere && this.stays.isWatching(lanes, lane)) this.stays.recall(lanes, lane, this.quiet);
    for (const active of facts.rules.classRules[facts.classCode]!.vehicle) {
      if (active.rule.isTimed !== true) continue;
      const { untilMs } = this.quiet;
      this.#ask(active);
      // What one rule was due for before now does not hide what another is due for later.
      if (this.quiet.untilMs <= facts.atMs) this.quiet.untilMs = untilMs;
    }
    this.#endWithdrawn(lanes, lane);
  }

  /** What the terminal alarms of: what holds is told, what does not is no news. */
  judgeAlarms(): void {
    const facts = this.#facts;
    const rules = facts.rules.classRules[facts.classCode]!;
    this.#begin();
    for (const active of rules.kinds) this.#holdKinds(active);
    for (const active of rules.vehicle) {
      const isOn = active.rule.alarmBit !== undefined && (facts.alarmFlags & active.rule.alarmBit) !== 0;
      if (isOn) this.#ask(active);
    }
  }

  judgeClock(): void {
    const facts = this.#facts;
    this.#begin();
    for (const active of facts.rules.classRules[facts.classCode]!.vehicle) {
      if (active.number === clockSkew) this.#ask(active);
    }
  }

  /** Which fences hold a position. */
  findFences(lonE7: number, latE7: number): void {
    const facts = this.#facts;
    facts.fenceCount = facts.rules.fenceIndex.fencesAt(lonE7, latE7, facts.fences);
  }

  #begin(): void {
    this.#situation.placeMask = this.#facts.placeMask;
    this.#situation.minuteOfWeek = this.#facts.minuteOfWeek;
    this.#situation.subject = '';
    this.#situation.eventLevel = 0;
    this.quiet.untilMs = Infinity;
    this.quiet.ceilingDkph = Infinity;
  }

  /** The same of the lane's own, once for each fix. */
  needFences(lanes: Lanes, lane: number): void {
    if (this.#facts.fenceCount >= 0) return;
    this.findFences(lanes.getWord(lane, wordAt.lonE7), lanes.getWord(lane, wordAt.latE7));
  }

  #ask(active: ActiveRule<AnyRule>): void {
    const facts = this.#facts;
    const { seen } = this.#run;
    const { rule } = active;
    this.#situation.placeMask = rule.isWhereLoaded === true ? facts.loadPlaceMask : facts.placeMask;
    const setting = settingOf(active, this.#situation);
    resetObservation(seen);
    if (setting === undefined) {
      if (this.#run.has(active.number)) this.#run.apply(active.number, noLabel, active.timing);
      return;
    }
    seen.level = setting.level;
    seen.tier = setting.tier;
    // The policy has them under this rule's id, so they are its own (`AnyRule`).
    const thresholds = setting.thresholds as never;
    rule.observe(facts, thresholds, seen);
    this.#run.apply(active.number, noLabel, active.timing);
    rule.quiet?.(facts, thresholds, this.quiet);
  }

  #askKinds(active: ActiveRule<KindRule>): void {
    this.#holdKinds(active);
    // Kinds that this fix does not tell of any more.
    const run = this.#run;
    for (let episode = run.firstOf(active.number); episode >= 0;) {
      const next = run.episodes.next(episode);
      if (run.word(episode, 'seenAtMs') !== this.#facts.atMs) {
        resetObservation(run.seen);
        run.apply(active.number, run.word(episode, 'fence'), active.timing);
      }
      episode = run.firstOf(active.number, next);
    }
  }

  #holdKinds(active: ActiveRule<KindRule>): void {
    this.#kindRule = active;
    this.#situation.placeMask = this.#facts.placeMask;
    active.rule.eachKind(this.#facts, this.#holdKind);
    this.#situation.subject = '';
    this.#situation.eventLevel = 0;
  }

  /** Made once: a rule calls it for each kind that holds. */
  readonly #holdKind = (kind: number, level: number): void => {
    const active = this.#kindRule;
    const { seen, labels } = this.#run;
    const name = active.rule.nameOf(kind);
    this.#situation.subject = name.id;
    this.#situation.eventLevel = level;
    const setting = settingOf(active, this.#situation);
    if (setting === undefined) return;
    resetObservation(seen);
    seen.state = 'holds';
    seen.level = setting.level;
    seen.tier = setting.tier;
    this.#run.apply(active.number, labels.put(name), active.timing);
  };

  /** What the next fix would end as broken by its gap, whenever that comes: as it would be told then, but now. */
  #endBroken(lanes: Lanes, lane: number): void {
    const run = this.#run;
    for (let episode = run.episodes.first(lanes, lane); episode >= 0;) {
      const next = run.episodes.next(episode);
      if (!lastsAcrossGaps[run.word(episode, 'rule')]!) run.end(episode, 'gap');
      episode = next;
    }
  }

  /** Episodes of rules that the policy no longer has for the class. */
  #endWithdrawn(lanes: Lanes, lane: number): void {
    const run = this.#run;
    const { isOn } = this.#facts.rules.classRules[this.#facts.classCode]!;
    for (let episode = run.episodes.first(lanes, lane); episode >= 0;) {
      const next = run.episodes.next(episode);
      if (isOn[run.word(episode, 'rule')] === 0) run.end(episode, 'rule-withdrawn');
      episode = next;
    }
  }
}
