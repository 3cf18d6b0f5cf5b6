import { describe, expect, test } from 'vitest';
import { TopicBounds } from './input-gap.ts';

/** A topic of one partition whose offsets are what they are when the answer comes, and how often they were asked for. */
class Topic {
  asked = 0;
  start = 0;
  end = 0;
  hold: Promise<void> = Promise.resolve();

  startOffsets = async (): Promise<number[]> => {
    this.asked += 1;
    const { start } = this;
    await this.hold;
    return [start];
  };

  endOffsets = async (): Promise<number[]> => {
    const { end } = this;
    await this.hold;
    return [end];
  };
}

describe('what is missing before a commit', () => {
  test.each([
    ['nothing, within the log', 5, undefined],
    ['nothing, at its end', 9, undefined],
    ['what retention has taken', 2, { from: 2, to: 4 }],
    ['all, where the topic was made anew', 10, { from: 10, to: 4 }],
  ])('%s', async (_, committed, gap) => {
    const topic = Object.assign(new Topic(), { start: 4, end: 9 });
    expect(await new TopicBounds(topic, 'telemetry').around(0, committed)).toEqual({
      bounds: { start: 4, end: 9 },
      ...(gap && { gap }),
    });
  });

  test('nothing either, though others had asked before it was committed', async () => {
    const topic = Object.assign(new Topic(), { end: 9 });
    const held = Promise.withResolvers<void>();
    topic.hold = held.promise;
    const bounds = new TopicBounds(topic, 'telemetry');
    const first = bounds.around(0, 9);
    topic.end = 20;
    const second = bounds.around(0, 20);
    held.resolve();
    expect(await first).toEqual({ bounds: { start: 0, end: 9 } });
    expect(await second).toEqual({ bounds: { start: 0, end: 20 } });
    expect(topic.asked).toBe(2);
  });

  test('those that are assigned together share a look-up', async () => {
    const topic = Object.assign(new Topic(), { end: 9 });
    const bounds = new TopicBounds(topic, 'telemetry');
    await Promise.all([bounds.around(0, 3), bounds.around(0, 4), bounds.of(0)]);
    expect(topic.asked).toBe(1);
  });
});
