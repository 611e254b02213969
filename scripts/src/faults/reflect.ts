/** When acknowledged work stands in the score: the watch that tells how far the system is behind, and how soon it is back. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Acknowledged } from './ledger.js';
import { type World, YEAR } from './world.js';

/** A training that was acknowledged, and when it was first seen in the score; null while it was not. */
export interface Reflected {
  readonly fault: string;
  readonly at: number;
  readonly seenAt: number | null;
}

export interface Watch {
  readonly note: (answer: Acknowledged) => void;
  /** How many acknowledged trainings are not in the score yet. */
  readonly outstanding: () => number;
  readonly all: () => readonly Reflected[];
  readonly stop: () => Promise<void>;
}

const LOOK_MS = 200;

/** Looks straight into performance's database, five times a second; while that is down it sees nothing. */
export function startWatch({ databases }: Pick<World, 'databases'>): Watch {
  const waiting = new Set<Acknowledged>();
  const seen: Reflected[] = [];
  let stopping = false;

  const look = async () => {
    const now = [...waiting];
    if (now.length === 0) return;
    const events = await databases.competency.query<{ event_id: string; aggregate_id: string; aggregate_seq: number }>(
      `select event_id, aggregate_id, aggregate_seq from outbox where aggregate_type = 'enrolment' and aggregate_id = any($1::uuid[])`,
      [now.map(({ subject }) => subject.split('/')[1])],
    );
    const eventOf = new Map(events.rows.map((row) => [row.event_id, row]));
    const scores = await databases.performance.query<{ sources: { eventId: string }[] }>(
      `select jsonb_path_query_array(v.parts::jsonb, '$[*] ? (@.component == "COMPETENCY").sources[*]') as sources
         from score s join score_version v on (v.year, v.score_id, v.version) = (s.year, s.id, s.version)
        where s.year = $1 and s.employee_id = any($2::uuid[])`,
      [YEAR, [...new Set(now.map(({ training }) => training!.employeeId))]],
    );
    const at = Date.now();
    const known = new Map<string, number>();
    for (const { sources } of scores.rows) {
      for (const { eventId } of sources) {
        const event = eventOf.get(eventId);
        if (event) known.set(`enrolment/${event.aggregate_id}`, event.aggregate_seq);
      }
    }
    for (const answer of now) {
      if ((known.get(answer.subject) ?? 0) < answer.sequence) continue;
      waiting.delete(answer);
      seen.push({ fault: answer.fault, at: answer.at, seenAt: at });
    }
  };
  const run = async () => {
    while (!stopping) {
      await look().catch(() => undefined); // the database is what the fault is about
      await pause(LOOK_MS);
    }
  };
  const running = run();
  return {
    note: (answer) => {
      if (answer.training) waiting.add(answer);
    },
    outstanding: () => waiting.size,
    all: () => [...seen, ...[...waiting].map(({ fault, at }) => ({ fault, at, seenAt: null }))],
    stop: async () => {
      stopping = true;
      await running;
    },
  };
}

/** What the score may be behind by when all is well: less is no recovery to speak of. */
const WELL_MS = 1_000;

/**
 * How long after `end` the score was well again: something acknowledged since stands in it, and everything that was
 * acknowledged more than a second before. Null when that never came. Milliseconds.
 */
export function recoveryOf(all: readonly Reflected[], end: number): number | null {
  const since = Math.min(...all.flatMap(({ at, seenAt }) => (at >= end && seenAt !== null ? [seenAt] : [])));
  // Some of what was acknowledged before may come after all that was acknowledged since.
  const moments = all
    .flatMap(({ seenAt }) => (seenAt !== null && seenAt >= since ? [seenAt] : []))
    .sort((a, b) => a - b);
  const isWell = (moment: number) =>
    all.every(({ at, seenAt }) => at > moment - WELL_MS || (seenAt !== null && seenAt <= moment));
  const well = moments.find(isWell);
  return well === undefined ? null : well - end;
}

/** The longest that something acknowledged was missing in the score; null when something still is. Milliseconds. */
export function stalenessOf(all: readonly Reflected[]): number | null {
  if (all.some(({ seenAt }) => seenAt === null)) return null;
  return all.reduce((worst, { at, seenAt }) => Math.max(worst, seenAt! - at), 0);
}
