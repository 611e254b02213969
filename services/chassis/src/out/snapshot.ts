/** Where all aggregates of a publisher stand, told anew: for readers that begin, rebuild, or lost the thread. */
import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { v5 } from 'uuid';
import { parseSubject } from './replay.js';

/** One of the ordinary events that would bring an aggregate's state about. */
export interface AggregatePart {
  /** The original event's, where the state still knows it; else {@link partId}. */
  readonly eventId: string;
  readonly type: string;
  readonly payload: Uint8Array;
  readonly occurredAt: Date;
}

const PARTS = '4f7cd8a5-3c4c-5c0b-9d0e-6a6f0e5b1f6a';

/**
 * The id of a part whose original event the state does not know: always the same for what it says.
 * @param subject `employee/<id>`
 * @param what names the fact within it, and changes when the fact does: `assignment/<id>/ended/<moment>`
 */
export const partId = (subject: string, what: string): string => v5(`${subject} ${what}`, PARTS);

/** Where one aggregate stands. */
export interface AggregateState {
  readonly id: string;
  /** The key of its events. */
  readonly key: string;
  readonly agencyId?: string | null;
  /** In the order in which they would have happened. */
  readonly parts: readonly AggregatePart[];
}

/** Tells the state of a service's aggregates of one type. */
export interface SnapshotSource {
  readonly aggregateType: string;
  /**
   * The states of the aggregates whose ids come after `after`, in the order of their ids, at most so many. The chunk's
   * rows in `event_sequence` are locked before: what is read here is the state after exactly that many events.
   */
  read(tx: EntityManager, after: string | null, limit: number): Promise<AggregateState[]>;
}

export interface SnapshotRequest {
  /** Who asks: `employee/<id>`, or the name of a service. */
  readonly by: string;
  readonly reason: string;
  /** A new one unless told. Asked for twice with the same id, it is one run. */
  readonly id?: string;
  /** Of this aggregate alone: `employee/<id>`. Such a run has no SnapshotEnded. */
  readonly subject?: string;
}

export interface SnapshotRun {
  readonly id: string;
  readonly requestedBy: string;
  readonly reason: string;
  /** Null until it begins, as is `startedAt`. */
  readonly timeline: number | null;
  /** How many were told so far. */
  readonly aggregates: number;
  /** How many no record can hold: a run that has one never says that it is complete. */
  readonly tooLarge: number;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/**
 * Asks for a snapshot of all aggregates; the service's job tells it.
 * @returns the run's id, which is `ce_snapshot` on its records
 */
export async function requestSnapshot(
  db: DataSource | EntityManager,
  request: Omit<SnapshotRequest, 'subject'>,
): Promise<string> {
  const id = request.id ?? randomUUID();
  await requestSnapshots(db, [{ ...request, id }]);
  return id;
}

/**
 * Many in one statement, also such of one aggregate. Whoever asks for an aggregate of which a run is open joins that run:
 * what it will tell, or tells in this moment, is no older than anything that its publisher has committed by now.
 * @throws DomainError BAD_USER_INPUT for a subject that is none
 */
export async function requestSnapshots(
  db: DataSource | EntityManager,
  requests: readonly (SnapshotRequest & { readonly id: string })[],
): Promise<void> {
  if (requests.length === 0) return;
  for (const { subject } of requests) if (subject !== undefined) parseSubject(subject);
  await db.query(
    `insert into snapshot_run (id, requested_by, reason, subject)
     select id, by, reason, subject
       from (select *, row_number() over (partition by subject order by n) as nth
               from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) with ordinality as a (id, by, reason, subject, n)) asked
      where subject is null or nth = 1 and not exists (
        select from snapshot_run r where r.subject = asked.subject and r.ended_at is null)
     on conflict (id) do nothing`,
    [
      requests.map(({ id }) => id),
      requests.map(({ by }) => by),
      requests.map(({ reason }) => reason),
      requests.map(({ subject }) => subject ?? null),
    ],
  );
}

/** The runs of the last 90 days, newest first. */
export const snapshotRuns = (db: DataSource | EntityManager): Promise<SnapshotRun[]> =>
  db.query(
    `select id, requested_by as "requestedBy", reason, timeline, aggregates, too_large as "tooLarge",
            started_at as "startedAt", ended_at as "endedAt"
       from snapshot_run where requested_at > now() - interval '90 days' order by requested_at desc, id`,
  );
