/** Everything that bears witness of what happened to events, read when all is quiet: outboxes, topics, inboxes, scores. */
import { SERVICES, type Service } from '../start.plan.js';
import { readTopics } from './evidence.topics.js';
import { YEAR } from './world.fill.js';
import type { World } from './world.js';

/** An event as its publisher wrote it down. */
export interface Written {
  readonly service: Service;
  readonly eventId: string;
  readonly subject: string;
  readonly sequence: number;
  readonly type: string;
  readonly parked: boolean;
  /** Milliseconds. */
  readonly recordedAt: number;
}

/** An event as it stands on a topic; one may stand there several times. In the order of the log, partition by partition. */
export interface Published {
  readonly place: string;
  readonly eventId: string;
  readonly subject: string;
  readonly sequence: number;
}

/** An event as a handler got it. In the order in which a service's handlers got them. */
export interface Given {
  readonly service: Service;
  readonly handler: string;
  readonly eventId: string;
  readonly subject: string;
  readonly sequence: number;
  /** Part of a snapshot: the state told once more, under the ids of the events that had brought it about. */
  readonly snapshot: boolean;
}

export interface Handler {
  readonly service: Service;
  readonly handler: string;
  readonly types: readonly string[];
}

/** What was set aside, and what became of it. */
export interface Letter {
  readonly service: Service;
  readonly eventId: string | null;
  readonly code: string;
  readonly state: string;
  readonly parkedAt: number;
}

/** How far a service says it has applied the events of a thing. */
export interface Applied {
  readonly service: Service;
  readonly source: string;
  readonly subject: string;
  readonly sequence: number;
}

/** A training as a score counts it. */
export interface Scored {
  readonly employeeId: string;
  readonly eventId: string;
  readonly quantity: number;
}

export interface Evidence {
  readonly written: readonly Written[];
  readonly published: readonly Published[];
  readonly handlers: readonly Handler[];
  readonly given: readonly Given[];
  readonly letters: readonly Letter[];
  readonly applied: readonly Applied[];
  readonly scored: readonly Scored[];
}

/** @param earlier what stood on topics that have been made anew since */
export async function collect(world: World, earlier: readonly Published[]): Promise<Evidence> {
  const [written, given, handlers, letters, applied] = await Promise.all([
    perService(world, readOutbox),
    perService(world, readJournal),
    perService(world, readHandlers),
    perService(world, readLetters),
    perService(world, readApplied),
  ]);
  const published = [...earlier, ...(await readTopics(world))];
  const scored = await readScores(world);
  return { written, published, handlers, given, letters, applied, scored };
}

async function perService<Row>(
  { databases }: World,
  read: (query: (sql: string) => Promise<never[]>, service: Service) => Promise<Row[]>,
): Promise<Row[]> {
  const ask = (service: Service) => async (sql: string) => (await databases[service].query(sql)).rows as never[];
  return (await Promise.all(SERVICES.map((service) => read(ask(service), service)))).flat();
}

type Ask<Row> = (query: (sql: string) => Promise<never[]>, service: Service) => Promise<Row[]>;

const readOutbox: Ask<Written> = async (query, service) => {
  const rows: Omit<Written, 'service'>[] = await query(
    `select event_id as "eventId", aggregate_type || '/' || aggregate_id as subject, aggregate_seq as sequence, type,
            p.id is not null as parked, extract(epoch from recorded_at)::float8 * 1000 as "recordedAt"
       from outbox left join outbox_parked p using (id) order by id`,
  );
  return rows.map((row) => ({ ...row, service }));
};

const readJournal: Ask<Given> = async (query, service) => {
  const rows: Omit<Given, 'service'>[] = await query(
    `select handler, event_id as "eventId", aggregate as subject, sequence, snapshot is not null as snapshot
       from fault_journal where place = 'public' order by id`,
  ).catch(absent);
  return rows.map((row) => ({ ...row, service }));
};

const readHandlers: Ask<Handler> = async (query, service) => {
  const rows: Omit<Handler, 'service'>[] = await query('select handler, types from fault_handler').catch(absent);
  return rows.map((row) => ({ ...row, service }));
};

/** A service that reads nothing keeps no journal. */
function absent(error: unknown): never[] {
  if ((error as { code?: string }).code === '42P01') return [];
  throw error;
}

const readLetters: Ask<Letter> = async (query, service) => {
  const rows: Omit<Letter, 'service'>[] = await query(
    `select event_id as "eventId", code, state, extract(epoch from parked_at)::float8 * 1000 as "parkedAt" from dead_letter`,
  );
  return rows.map((row) => ({ ...row, service }));
};

const readApplied: Ask<Applied> = async (query, service) => {
  const rows: Omit<Applied, 'service'>[] = await query(
    'select source, aggregate as subject, last_seq as sequence from applied_sequence',
  );
  return rows.map((row) => ({ ...row, service }));
};

async function readScores({ databases }: World): Promise<Scored[]> {
  const { rows } = await databases.performance.query<{ employeeId: string; eventId: string; quantity: string }>(
    `select s.employee_id as "employeeId", source->>'eventId' as "eventId", source->>'quantity' as quantity
       from score s join score_version v on (v.year, v.score_id, v.version) = (s.year, s.id, s.version)
      cross join jsonb_path_query(v.parts::jsonb, '$[*] ? (@.component == "COMPETENCY").sources[*]') as source
      where s.year = $1`,
    [YEAR],
  );
  return rows.map((row) => ({ ...row, quantity: Number(row.quantity) }));
}

/** Computes every score from its facts. @returns how many stood otherwise; a second call finds none, for it puts them right */
export async function rebuild({ graph }: World): Promise<number> {
  let different = 0;
  for (let after: string | null = null; ; ) {
    type Rebuilt = { rebuildScores: { different: number; next: string | null } };
    const { rebuildScores }: Rebuilt = await graph.ask(
      'mutation ($input: RebuildScoresInput!) { rebuildScores(input: $input) { different next } }',
      { input: { reason: 'the faults are over', ...(after === null ? {} : { after }) } },
    );
    different += rebuildScores.different;
    after = rebuildScores.next;
    if (after === null) return different;
  }
}
