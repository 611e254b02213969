/** What the office has on its desk. */
import type { Chance } from '../seed/chance.js';

export interface Desk {
  /** Places in sessions that nobody took yet. */
  readonly places: { readonly sessionId: string; readonly employeeId: string }[];
  /** Who is being dealt with. */
  readonly busy: Set<string>;
  /** Of each person moved, how often; of each served, until when. */
  readonly moves: Map<string, number>;
  readonly days: Map<string, number>;
  sessions: number;
  /** One of the clients is opening another session. */
  opening: boolean;
}

export const newDesk = (): Desk => ({
  ...{ places: [], busy: new Set(), moves: new Map(), days: new Map() },
  ...{ sessions: 0, opening: false },
});

/** Of a person, one at a time: their events are numbered together. */
export function someoneFree(people: readonly string[], desk: Desk, chance: Chance): string | undefined {
  const free = people.filter((id) => !desk.busy.has(id));
  const id = free.length > 0 ? chance.pick(free) : undefined;
  if (id) desk.busy.add(id);
  return id;
}
