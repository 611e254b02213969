/** Scores as they are stored: one row a person and year, and each value that it has had. */

import type { Key as OrderKey, Page } from '@merit/chassis/api/page';
import { pagesOf } from '@merit/chassis/api/pages';
import { documentArray, documents, plainArray } from '@merit/chassis/array';
import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import type { ScoreBand } from '../policy/policy.js';
import type { Key } from './fact.table.js';
import type { Part, Score } from './fold.js';

/** A score in the form in which two are compared, letter by letter. */
export interface Content {
  readonly value: string | null;
  readonly band: string | null;
  readonly coverage: string | null;
  readonly policyId: string | null;
  /** JSON. */
  readonly parts: string;
}
/** Where the score of a person and year stands. */
export interface ScoreRow extends Key {
  readonly id: string;
  readonly version: number;
  readonly checkpoint: string | null;
}
export interface HeldScore extends ScoreRow {
  readonly content: Content;
}

export const NO_SCORE: Content = { value: null, band: null, coverage: null, policyId: null, parts: '[]' };

export const contentOf = (score: Score | null, policyId: string): Content =>
  score
    ? { value: score.value, band: score.band, coverage: score.coverage, policyId, parts: JSON.stringify(score.parts) }
    : NO_SCORE;

export const sameContent = (a: Content, b: Content): boolean =>
  a.value === b.value &&
  a.band === b.band &&
  a.coverage === b.coverage &&
  a.policyId === b.policyId &&
  a.parts === b.parts;

/**
 * Holds the scores of people and years until the transaction ends, in one order, so that no two transactions wait for
 * each other. Whoever holds one and then reads the facts, sees all that others have committed: two who fold the same
 * person after each other cannot overwrite the newer with the older. Rows are made where there are none, so that there
 * is something to hold. What a score was is read once it is held, in a statement that sees what we waited for. Whatever is
 * asked for in the transaction after this was called comes after it, so it need not be waited for.
 * @param keys each once, in the order of people and years
 */
export async function holdScores(tx: EntityManager, keys: readonly Key[], newId: () => string): Promise<HeldScore[]> {
  const columns = [plainArray(keys.map(({ employeeId }) => employeeId)), plainArray(keys.map(({ year }) => year))];
  const made = tx.query(
    `insert into score (employee_id, year, id) select * from unnest($1::uuid[], $2::int[], $3::uuid[])
     on conflict (employee_id, year) do nothing`,
    [...columns, plainArray(keys.map(() => newId()))],
  );
  // Row by row through the index, in the order given: a join may read the whole table.
  const held: Promise<ScoreRow[]> = tx.query(
    `select k.employee_id as "employeeId", k.year, s.id, s.version::float8, s.checkpoint
       from unnest($1::uuid[], $2::int[]) as k (employee_id, year)
      cross join lateral (select id, version, checkpoint from score
                           where employee_id = k.employee_id and year = k.year for update) s`,
    columns,
  );
  const [, rows] = await Promise.all([made, held]);
  const contents = await contentsOf(
    tx,
    rows.filter(({ version }) => version > 0),
  );
  return rows.map(({ employeeId, year, id, version, checkpoint }) => {
    return { employeeId, year, id, version, checkpoint, content: contents.get(id) ?? NO_SCORE };
  });
}

/** By score: what its latest version says. */
async function contentsOf(
  tx: EntityManager,
  scores: readonly { readonly id: string; readonly year: number; readonly version: number }[],
): Promise<Map<string, Content>> {
  if (scores.length === 0) return new Map();
  const rows: (Content & { id: string })[] = await tx.query(
    `select k.id, v.*
       from unnest($1::int[], $2::uuid[], $3::bigint[]) as k (year, id, version)
      cross join lateral (select value, band, coverage, policy_id as "policyId", parts::text from score_version
                           where year = k.year and year = any($4) and score_id = k.id and version = k.version
                          offset 0) v`,
    [
      plainArray(scores.map(({ year }) => year)),
      plainArray(scores.map(({ id }) => id)),
      plainArray(scores.map(({ version }) => version)),
      plainArray([...new Set(scores.map(({ year }) => year))]),
    ],
  );
  return new Map(rows.map(({ id, ...content }) => [id, content]));
}

export interface NewVersion {
  readonly year: number;
  readonly scoreId: string;
  readonly version: number;
  readonly checkpoint: string | null;
  readonly content: Content;
  readonly changedAt: Date;
}

/** One statement, however many. */
export async function insertVersions(tx: EntityManager, versions: readonly NewVersion[]): Promise<void> {
  if (versions.length === 0) return;
  const column = <K extends keyof NewVersion>(name: K) => versions.map((version) => version[name]);
  const said = <K extends keyof Content>(name: K) => versions.map(({ content }) => content[name]);
  await tx.query(
    `insert into score_version (year, score_id, version, value, band, coverage, checkpoint, policy_id, parts, changed_at)
     select * from unnest($1::int[], $2::uuid[], $3::bigint[], $4::numeric[], $5::text[], $6::numeric[], $7::date[],
                          $8::uuid[], ${documentArray('$9', 'json')}, $10::timestamptz[])`,
    [
      plainArray(column('year')),
      plainArray(column('scoreId')),
      plainArray(column('version')),
      plainArray(said('value')),
      plainArray(said('band')),
      plainArray(said('coverage')),
      plainArray(versions.map(({ content, checkpoint }) => (content.value === null ? null : checkpoint))),
      plainArray(said('policyId')),
      documents(said('parts')),
      plainArray(versions.map(({ changedAt }) => changedAt.toISOString())),
    ],
  );
}

/**
 * Where the rows stand now: the latest version, and the month it holds as of. All are there, and held; as an upsert each
 * is found through the index, where an update from a list may read the whole table.
 */
export async function saveScores(tx: EntityManager, scores: readonly ScoreRow[]): Promise<void> {
  if (scores.length === 0) return;
  await tx.query(
    `insert into score (employee_id, year, id, version, checkpoint)
     select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::date[])
     on conflict (employee_id, year) do update set version = excluded.version, checkpoint = excluded.checkpoint`,
    [
      plainArray(scores.map(({ employeeId }) => employeeId)),
      plainArray(scores.map(({ year }) => year)),
      plainArray(scores.map(({ id }) => id)),
      plainArray(scores.map(({ version }) => version)),
      plainArray(scores.map(({ checkpoint }) => checkpoint)),
    ],
  );
}

/** The years of people that have a period: those in which they may have a score. */
export const yearsOf = (tx: EntityManager, employeeIds: readonly string[]): Promise<Key[]> =>
  tx.query(
    `select distinct m.employee_id as "employeeId", p.year
       from directory_employment m join performance_period p on p.agency_id = m.agency_id
      where m.employee_id = any($1)
      union
     select employee_id, year from score where employee_id = any($1)`,
    [employeeIds],
  );

/** One value that a score has or had, as it is read. */
export interface ScoreView {
  readonly scoreId: string;
  readonly employeeId: string;
  readonly year: number;
  readonly version: number;
  readonly value: string;
  readonly band: ScoreBand | null;
  readonly coverage: string;
  /** The month that it holds as of. */
  readonly checkpoint: string;
  readonly policyId: string;
  readonly parts: readonly Part[];
  readonly changedAt: Date;
  /** Whether it is the one of now. */
  readonly current: boolean;
}

const VIEW = `s.id as "scoreId", s.employee_id as "employeeId", s.year, v.version::int, v.value, v.band, v.coverage,
  v.policy_id as "policyId", v.parts, v.changed_at as "changedAt"`;

/** The scores of people in years, those that have a value. */
export const currentScores = (db: DataSource | EntityManager, keys: readonly Key[]): Promise<ScoreView[]> =>
  prepared(
    db,
    `select ${VIEW}, s.checkpoint, true as current
       from unnest($1::uuid[], $2::int[]) as k (employee_id, year)
       join score s on s.employee_id = k.employee_id and s.year = k.year
       join score_version v on v.year = s.year and v.score_id = s.id and v.version = s.version
      where v.year = any($2) and v.value is not null`,
    [keys.map(({ employeeId }) => employeeId), keys.map(({ year }) => year)],
  );

const BY_VERSION: readonly OrderKey[] = [{ sql: 'v.version', type: 'int' }];

/** What scores were, the latest first, a page of each. */
export const pagesOfVersions = (
  db: DataSource,
  keys: readonly { readonly parent: string; readonly year: number; readonly page: Page }[],
): Promise<ScoreView[][]> =>
  pagesOf<ScoreView>(db, keys, {
    columns: `${VIEW}, v.checkpoint, v.version = s.version as current`,
    from: `score s join score_version v on v.year = s.year and v.score_id = s.id
      where s.id = parent.id and v.year = any($1::int[]) and v.value is not null`,
    keys: BY_VERSION,
    descending: true,
    parameters: [[...new Set(keys.map(({ year }) => year))]],
  });
