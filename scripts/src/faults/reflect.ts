/** When acknowledged work is seen at its reader: the watch that tells how far the system is behind, and how soon it is back. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from '../start.plan.js';
import type { Acknowledged } from './ledger.js';
import { YEAR } from './world.fill.js';
import type { World } from './world.js';

/** Something that was acknowledged, and when it was first seen where it leads to; null while it was not. */
export interface Reflected {
  readonly fault: string;
  /** Who answered. */
  readonly service: Service;
  readonly at: number;
  readonly seenAt: number | null;
}

export interface Watch {
  readonly note: (answer: Acknowledged) => void;
  /** How much of what was acknowledged is not seen yet. */
  readonly outstanding: () => number;
  readonly all: () => readonly Reflected[];
  readonly stop: () => Promise<void>;
}

/** The ways that are watched: all lead to performance, each from another service. */
export const PATHS = ['competency', 'personnel', 'feedback'] as const satisfies readonly Service[];

const LOOK_MS = 200;

/** Something acknowledged that waits to be seen: the how manyth of its type it is for its thing. */
interface Waiting {
  readonly answer: Acknowledged;
  readonly nth: number;
}

/**
 * Looks straight into performance's database, five times a second; while that is down it sees nothing. Trainings are
 * looked for in the scores; what personnel and feedback tell, in the journal of what performance's handlers were given.
 */
export function startWatch({ databases }: Pick<World, 'databases'>): Watch {
  const waiting = new Set<Waiting>();
  const seen: Reflected[] = [];
  const told = new Map<string, number>();
  let stopping = false;

  const lookAtScores = async (now: readonly Waiting[]): Promise<(one: Waiting) => boolean> => {
    const answers = now.map(({ answer }) => answer);
    const events = await databases.competency.query<{ event_id: string; aggregate_id: string; aggregate_seq: number }>(
      `select event_id, aggregate_id, aggregate_seq from outbox where aggregate_type = 'enrolment' and aggregate_id = any($1::uuid[])`,
      [answers.map(({ subject }) => subject.split('/')[1])],
    );
    const eventOf = new Map(events.rows.map((row) => [row.event_id, row]));
    const scores = await databases.performance.query<{ sources: { eventId: string }[] }>(
      `select jsonb_path_query_array(v.parts::jsonb, '$[*] ? (@.component == "COMPETENCY").sources[*]') as sources
         from score s join score_version v on (v.year, v.score_id, v.version) = (s.year, s.id, s.version)
        where s.year = $1 and s.employee_id = any($2::uuid[])`,
      [YEAR, [...new Set(answers.map(({ training }) => training!.employeeId))]],
    );
    const known = new Map<string, number>();
    for (const { sources } of scores.rows) {
      for (const { eventId } of sources) {
        const event = eventOf.get(eventId);
        if (event) known.set(`enrolment/${event.aggregate_id}`, event.aggregate_seq);
      }
    }
    return ({ answer }) => (known.get(answer.subject) ?? 0) >= answer.sequence;
  };
  const lookAtJournal = async (now: readonly Waiting[]): Promise<(one: Waiting) => boolean> => {
    const given = await databases.performance.query<{ subject: string; type: string; count: number }>(
      `select aggregate as subject, type, count(distinct event_id)::int as count
         from fault_journal where aggregate = any($1) and snapshot is null group by 1, 2`,
      [[...new Set(now.map(({ answer }) => answer.subject))]],
    );
    const counts = new Map(given.rows.map(({ subject, type, count }) => [`${subject} ${type}`, count]));
    return ({ answer, nth }) => (counts.get(`${answer.subject} ${answer.type}`) ?? 0) >= nth;
  };
  const look = async (now: readonly Waiting[], by: typeof lookAtScores) => {
    if (now.length === 0) return;
    const isSeen = await by(now);
    const seenAt = Date.now();
    for (const one of now.filter(isSeen)) {
      waiting.delete(one);
      seen.push(reflectedOf(one, seenAt));
    }
  };
  const run = async () => {
    while (!stopping) {
      const now = [...waiting];
      const ways = [
        look(
          now.filter(({ answer }) => answer.training),
          lookAtScores,
        ),
        look(
          now.filter(({ answer }) => !answer.training),
          lookAtJournal,
        ),
      ];
      await Promise.allSettled(ways); // the database is what the fault is about
      await pause(LOOK_MS);
    }
  };
  const running = run();
  return {
    note: (answer) => {
      if (!answer.training && !JOURNALED.has(answer.type)) return;
      const name = `${answer.subject} ${answer.type}`;
      const nth = (told.get(name) ?? 0) + 1;
      told.set(name, nth);
      waiting.add({ answer, nth });
    },
    outstanding: () => waiting.size,
    all: () => [...seen, ...[...waiting].map((one) => reflectedOf(one, null))],
    stop: async () => {
      stopping = true;
      await running;
    },
  };
}

/** What performance wants to know of personnel and feedback, of that which clients do. */
const JOURNALED = new Set([
  'merit.personnel.v1.ServiceAssigned',
  'merit.personnel.v1.ServiceEnded',
  'merit.personnel.v1.EmployeeTransferred',
  'merit.feedback.v1.ComplaintForwarded',
  'merit.feedback.v1.ComplaintResolved',
]);

const reflectedOf = ({ answer: { fault, service, at } }: Waiting, seenAt: number | null): Reflected => ({
  ...{ fault, service, at },
  seenAt,
});
