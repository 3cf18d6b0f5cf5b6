import type { ScheduleWindow } from './policy.ts';

/** A transport permit of a vehicle 运输许可证 (建筑垃圾 处置证): from when to when, by what routes, at what hours. */
export type Permit = {
  /** As the authority names it. */
  readonly id: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Fences of the policy, corridors as a rule, within which it holds; empty: everywhere. */
  readonly routes: readonly string[];
  /** Local times of the policy's zone; absent or empty: at all hours. */
  readonly hours?: readonly ScheduleWindow[];
};

/** A vehicle works at a few sites at once. */
export const permitsMax = 16;
