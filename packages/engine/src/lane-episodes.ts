import { episodeAt, episodeWords } from '@haulwatch/rules';
import type { Labels } from './labels.ts';
import { LaneList } from './lane-list.ts';
import { wordAt, type Lanes } from './lanes.ts';
import type { TallyKey } from './tallies.ts';

/** The episodes of all lanes, seen from the one that is looked at. */
export class LaneEpisodes {
  readonly episodes = new LaneList(episodeWords, wordAt.firstEpisode);
  readonly labels: Labels;
  protected lanes!: Lanes;
  protected lane = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** Looks at a lane from now on. */
  lookAt(lanes: Lanes, lane: number): void {
    this.lanes = lanes;
    this.lane = lane;
  }

  get hasAny(): boolean {
    return this.episodes.first(this.lanes, this.lane) >= 0;
  }

  /** Whether the lane has any episode of a rule. */
  has(rule: number): boolean {
    return this.firstOf(rule) >= 0;
  }

  /** The lane's first episode of a rule from `from` on, or -1. */
  firstOf(rule: number, from = this.episodes.first(this.lanes, this.lane)): number {
    let episode = from;
    while (episode >= 0 && this.word(episode, 'rule') !== rule) episode = this.episodes.next(episode);
    return episode;
  }

  /** The lane's episode of a rule and label, or -1. A fence that has another name by now is the same fence. */
  find(rule: number, label: number): number {
    const id = this.labels.idOf(label);
    let episode = this.firstOf(rule);
    while (episode >= 0 && this.labels.idOf(this.word(episode, 'fence')) !== id) {
      episode = this.firstOf(rule, this.episodes.next(episode));
    }
    return episode;
  }

  word(episode: number, name: keyof typeof episodeAt): number {
    return this.episodes.data[this.episodes.at(episode) + episodeAt[name]]!;
  }

  /** By which the lane's alarms of this rule and label are counted. */
  keyOf(rule: number, label: number): TallyKey {
    return { lanes: this.lanes, lane: this.lane, rule, label };
  }
}
