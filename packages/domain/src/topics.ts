/** The topics of the house, by their role. A deployment may put a prefix before all of them. */
export const topicNames = {
  telemetry: 'telemetry',
  deadLetters: 'telemetry.dlq',
  traccar: 'traccar',
  alarmLog: 'alarm-log',
  fleet: 'fleet',
  policies: 'policies',
  engineState: 'engine-state',
} as const;

export type TopicRole = keyof typeof topicNames;
export type TopicNames = Readonly<Record<TopicRole, string>>;

/** The topics under a prefix, so that several Haulwatches (or tests) can share one broker. */
export function topicsWithPrefix(prefix: string): TopicNames {
  return Object.fromEntries(Object.entries(topicNames).map(([role, name]) => [role, prefix + name])) as Record<
    TopicRole,
    string
  >;
}

/** The consumer groups of the house. */
export const groupRoles = ['ingest', 'traccar-bridge', 'alerts', 'history'] as const;
export type GroupRole = (typeof groupRoles)[number];

/** A group's id: under the same prefix as the topics, for two Haulwatches on one broker must not share their commits. */
export function groupOf(topics: TopicNames, role: GroupRole): string {
  return topics.telemetry.slice(0, topics.telemetry.length - topicNames.telemetry.length) + role;
}
