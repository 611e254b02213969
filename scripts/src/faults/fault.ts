/** What a fault is to the suite: something that is done to a world under load, and the moment when it is over. */
import type { RunningMerit } from '../processes.js';
import type { Chance } from '../seed/chance.js';
import type { Published } from './evidence.js';
import type { Load } from './load.js';
import type { World } from './world.js';

export interface Scene {
  readonly world: World;
  readonly load: Load;
  /** Falls the same way for the same seed. */
  readonly chance: Chance;
  /** Remembers what stood on topics that are about to be lost. */
  readonly keep: (published: readonly Published[]) => void;
  /** In the short form things last less long. */
  readonly short: boolean;
}

export interface Fault {
  readonly name: string;
  /** Why it cannot be brought about in this world; null when it can. */
  readonly missing?: (world: World) => string | null;
  /** It turns the order of what is published around. */
  readonly disorders?: boolean;
  /** How soon all must be well again, in milliseconds, unless the machine has too much else to do. */
  readonly goalMs?: number;
  /** In the short form too. */
  readonly short?: boolean;
  /** The processes that it has in its hands: beside it, no other fault may have them. */
  readonly holds?: readonly Victim[];
  /** Brings it about. Answers when it is over, and nothing stands in the way of recovery. */
  readonly strike: (scene: Scene) => Promise<void>;
}

/** How long what is not over at once lasts, in milliseconds. */
export const lasting = ({ short }: Scene): number => (short ? 4_000 : 8_000);

/** After kill -9 of any one process. */
export const KILLED_GOAL_MS = 10_000;

export type Victim = Parameters<RunningMerit['kill']>[0];
