/** The statements on dead letters. */
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import { oneLine } from '../log.js';
import { finalOf } from './consumer.fault.js';
import { letterOf, storable } from './inbox.letter.js';
import { askAgain } from './requests.out.js';

export type DeadLetterState = 'WAITING' | 'RETRIED' | 'DISCARDED' | 'SUPERSEDED';

export interface DeadLetter {
  readonly id: string;
  readonly eventId: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly sequence: number | null;
  /** The whole envelope; `ce_type` and `ce_subject` say what it is about. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  /**
   * Why: a rule's own code, `PAYLOAD_INVALID`, `ENVELOPE_INVALID`, `GAP`, `DIVERGED`, `TIMELINE`, `FAILED`; `WAITS` behind
   * another.
   */
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly parkedAt: Date;
  /** SUPERSEDED by a snapshot, or by the same event that came whole. */
  readonly state: DeadLetterState;
  readonly settledAt: Date | null;
  readonly settledBy: string | null;
  readonly settledReason: string | null;
  /** When its content was removed: a settled letter keeps it for a while only. */
  readonly emptiedAt: Date | null;
}

/** A dead letter's columns, by its fields. */
export const COLUMNS = `id, event_id as "eventId", topic, partition, "offset"::int8::float8 as "offset", key, sequence, headers, value, code,
  message, attempts, parked_at as "parkedAt", state, settled_at as "settledAt", settled_by as "settledBy",
  settled_reason as "settledReason", emptied_at as "emptiedAt"`;

/** The timeline of a letter `d`, also of one in which it is damaged. */
export const TIMELINE = `case when d.headers->>'ce_timeline' ~ '^[0-9]{1,10}$' then (d.headers->>'ce_timeline')::bigint else 1 end`;

/** One of them, settled or not. @throws DEAD_LETTER_NOT_FOUND */
export async function showDeadLetter(db: DataSource | EntityManager, id: string): Promise<DeadLetter> {
  const isNumber = /^\d{1,18}$/.test(id);
  const rows: DeadLetter[] = isNumber ? await db.query(`select ${COLUMNS} from dead_letter where id = $1`, [id]) : [];
  if (!rows[0]) throw new DomainError('DEAD_LETTER_NOT_FOUND', 'There is no such dead letter.', { field: 'id' });
  return rows[0];
}

/** What waits for the same thing: the records of one key. */
export interface Line {
  readonly topic: string;
  readonly key: string;
}

/** The first in line: what its publisher numbered first, also where a replay brought it last. */
export const firstInLine = (
  db: DataSource | EntityManager,
  { topic, key }: Line,
  limit: number,
): Promise<DeadLetter[]> =>
  db.query(
    `select ${COLUMNS} from dead_letter where state = 'WAITING' and topic = $1 and key = $2
      order by sequence nulls first, id limit $3`,
    [topic, key, limit],
  );

/**
 * Keeps the consumer from adding to the line meanwhile: it locks its partition's row for each chunk, and a key stays on
 * its partition.
 * @returns the read models that are being built anew from the topic
 */
export async function lockLine(tx: EntityManager, { topic, key }: Line): Promise<readonly string[]> {
  const rows: { rebuilding: string[] }[] = await tx.query(
    `select rebuilding from consumer_offset o
      where topic = $1 and partition in (select partition from dead_letter d where d.state = 'WAITING' and (d.topic, d.key) = ($1, $2))
      order by partition for update of o`,
    [topic, key],
  );
  return [...new Set(rows.flatMap(({ rebuilding }) => rebuilding))];
}

/**
 * It stays first in line, with what it failed for now. Its publisher is asked for what would help when that is another
 * fault than before: it only waited behind others, or what was missing before it has come and now it shows as damaged.
 */
export async function noteFailure(db: DataSource, letter: DeadLetter, error: unknown): Promise<DeadLetter> {
  const fault = finalOf(error) ?? { code: 'FAILED', message: oneLine(error) };
  const code = fault.code;
  const message = storable(fault.message).slice(0, 1_000);
  await db.transaction(async (tx) => {
    const [rows] = await tx.query(
      `update dead_letter set attempts = attempts + 1, code = $2, message = $3, renewed = false,
              asked_at = case when code = $2 then asked_at else clock_timestamp() end
        where id = $1 and state = 'WAITING' returning id`,
      [letter.id, code, message],
    );
    if (rows.length === 0 || letter.code === code) return;
    const [applied]: { last_seq: number }[] = await tx.query(
      'select last_seq from applied_sequence where (source, aggregate) = ($1, $2)',
      [letter.headers['ce_source'], letter.headers['ce_subject']],
    );
    await askAgain(tx, serviceOf(db), [letterOf(letter, { code, message }, { last: applied?.last_seq ?? 0 })]);
  });
  return showDeadLetter(db, letter.id);
}

/** A service's connections carry its name. */
const serviceOf = ({ options }: DataSource): string =>
  ('applicationName' in options && options.applicationName) || 'unknown';

export const settle = (
  tx: EntityManager,
  ids: readonly string[],
  state: Exclude<DeadLetterState, 'WAITING'>,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<unknown> =>
  tx.query(
    `update dead_letter set state = $2, settled_at = clock_timestamp(), settled_by = $3, settled_reason = $4
      where id = any($1::bigint[])`,
    [ids, state, by, reason],
  );
