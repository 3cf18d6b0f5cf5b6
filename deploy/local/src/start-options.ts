import type { ServerProcess } from './server-process.ts';

/** What every server of this folder is started with. */
export type StartOptions = {
  /** Data, configuration and logs; made where it is missing, taken up again where it is there. */
  readonly dir: string;
  /** For tests: dies with this process however that ends, is killed instead of shut down, does not wait for the disk. */
  readonly ephemeral?: boolean;
  /** Called as soon as there are processes, before they are ready: whoever must end them later writes them down. */
  readonly onSpawned?: (processes: readonly ServerProcess[]) => void;
};
