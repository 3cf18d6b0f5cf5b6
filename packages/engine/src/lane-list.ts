import { episodeAt, episodeWords } from '@haulwatch/rules';
import { wordAt, type Lanes } from './lanes.ts';

/**
 * The episodes of all lanes in one array: few lanes have any. Those of a lane are a list in the order in which they began,
 * from `firstEpisode` of its record on. An episode is named by its number; `data` holds it from `number * episodeWords`.
 */
export class Episodes {
  data = new Float64Array(256 * episodeWords);
  /** The next episode of the lane, or of the free ones; -1: none. */
  #next = new Int32Array(256);
  #used = 0;
  #free = -1;

  next(episode: number): number {
    return this.#next[episode]!;
  }

  /** Appends an episode to a lane's; its words are the caller's to fill. Another `data` afterwards, maybe. */
  add(lanes: Lanes, row: number): number {
    const episode = this.#take();
    this.#next[episode] = -1;
    let last = lanes.getWord(row, wordAt.firstEpisode);
    if (last < 0) lanes.setWord(row, wordAt.firstEpisode, episode);
    else {
      while (this.#next[last]! >= 0) last = this.#next[last]!;
      this.#next[last] = episode;
    }
    return episode;
  }

  remove(lanes: Lanes, row: number, episode: number): void {
    const first = lanes.getWord(row, wordAt.firstEpisode);
    if (first === episode) lanes.setWord(row, wordAt.firstEpisode, this.#next[episode]!);
    else {
      let before = first;
      while (this.#next[before] !== episode) before = this.#next[before]!;
      this.#next[before] = this.#next[episode]!;
    }
    this.#next[episode] = this.#free;
    this.#free = episode;
  }

  /** Whether the lane has any episode of a rule. */
  has(lanes: Lanes, row: number, rule: number): boolean {
    for (let episode = lanes.getWord(row, wordAt.firstEpisode); episode >= 0; episode = this.#next[episode]!) {
      if (this.data[episode * episodeWords + episodeAt.rule] === rule) return true;
    }
    return false;
  }

  #take(): number {
    if (this.#free >= 0) {
      const episode = this.#free;
      this.#free = this.#next[episode]!;
      return episode;
    }
    if (this.#used === this.#next.length) {
      const next = new Int32Array(2 * this.#used);
      next.set(this.#next);
      this.#next = next;
      const data = new Float64Array(2 * this.#used * episodeWords);
      data.set(this.data);
      this.data = data;
    }
    this.#used += 1;
    return this.#used - 1;
  }
}
