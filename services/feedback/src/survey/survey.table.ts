/** Batches, tokens and answers as they lie in the database. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import type { EntityManager } from 'typeorm';
import { type Month, monthsUntil } from '../satisfaction/measurement.js';
import { ELEMENTS, type Element } from '../satisfaction/satisfaction.js';
import type { Batch, Response } from './survey.js';

/** The elements' columns, which are named like their codes. */
export const COLUMNS = ELEMENTS.map((element) => element.toLowerCase());
/** `waktu` and `WAKTU`: the same list serves records of the database and of the rules. */
const QUOTED = ELEMENTS.map((element) => `"${element}"`);

/** Notes what was handed out. */
export const insertBatch = (tx: EntityManager, { id, serviceId, kind, code, size, issuedOn }: Batch) =>
  tx.query('insert into survey_batch (id, service_id, kind, code, size, issued_on) values ($1, $2, $3, $4, $5, $6)', [
    id,
    serviceId,
    kind,
    code,
    size,
    issuedOn,
  ]);

/** Keeps the hashes of a batch's tokens. One statement. */
export const insertTokens = (tx: EntityManager, batchId: string, hashes: readonly Buffer[]) =>
  tx.query('insert into survey_token (hash, batch_id) select hash, $1 from unnest($2::bytea[]) as t (hash)', [
    batchId,
    hashes,
  ]);

/**
 * Uses a token up and answers its service. The row's lock lets one of any number of simultaneous answers win: the others
 * wait for it, look again, and find the token used.
 * @throws SURVEY_TOKEN_USED, SURVEY_TOKEN_INVALID on `token`
 */
export async function useToken(tx: EntityManager, hash: Buffer): Promise<{ serviceId: string; agencyId: string }> {
  const [[used]] = await tx.query(
    `update survey_token t set used = true
       from survey_batch b join public_service s on s.id = b.service_id
      where t.hash = $1 and not t.used and b.id = t.batch_id
      returning s.id as "serviceId", s.agency_id as "agencyId"`,
    [hash],
  );
  if (used) return used;
  const known = await tx.query('select 1 from survey_token where hash = $1', [hash]);
  throw known.length > 0
    ? new DomainError('SURVEY_TOKEN_USED', 'This token was used. Each is good for one answer.', { field: 'token' })
    : new DomainError('SURVEY_TOKEN_INVALID', 'This is no token of a survey. Type it as it was given.', {
        field: 'token',
      });
}

/** Writes answers; fewer than given when another transaction entered one of the forms first. */
export async function insertResponses(tx: EntityManager, responses: readonly Response[]): Promise<number> {
  if (responses.length === 0) return 0;
  const rows = responses.map(({ answers, ...response }) => ({ ...response, ...answers }));
  const written: unknown[] = await tx.query(
    `insert into survey_response (service_id, answered_on, counted, batch_id, number, content, ${COLUMNS.join(', ')})
     select "serviceId", "answeredOn", counted, "batchId", number, content, ${QUOTED.join(', ')}
       from jsonb_to_recordset($1::jsonb)
         as r("serviceId" uuid, "answeredOn" date, counted boolean, "batchId" uuid, number int, content text,
              ${QUOTED.map((name) => `${name} smallint`).join(', ')})
      order by "batchId", number, content
     on conflict do nothing returning 1`,
    [JSON.stringify(rows)],
  );
  return written.length;
}

/**
 * Notes that the figures of these months have changed. The upsert holds the rows until commit, also where they were there
 * already: measuring takes them away, and so waits for whoever is just adding an answer, instead of missing it.
 */
export async function markDue(tx: EntityManager, serviceId: string, months: readonly Month[]): Promise<void> {
  await tx.query(
    `insert into survey_due (service_id, month) select $1, month from unnest($2::text[]) as m (month) order by month
     on conflict (service_id, month) do update set month = excluded.month`,
    [serviceId, [...new Set(months)]],
  );
}

/** The batches of forms with these codes. */
export async function batchesByCode(tx: EntityManager, codes: readonly string[]): Promise<Map<string, Batch>> {
  const rows: (Batch & { code: string })[] = await tx.query(
    `select id, service_id as "serviceId", kind, code, size, issued_on as "issuedOn" from survey_batch where code = any($1)`,
    [codes],
  );
  return new Map(rows.map((batch) => [batch.code, batch]));
}

/** The forms entered so far among these, by `keyOf`. */
export async function formsEntered(tx: EntityManager, forms: readonly Response[]): Promise<Map<string, Response>> {
  const rows: (Omit<Response, 'answers'> & Record<Element, number>)[] = await tx.query(
    `select r.service_id as "serviceId", r.answered_on as "answeredOn", r.counted, r.batch_id as "batchId", r.number,
            r.content, ${ELEMENTS.map((element) => `r.${element.toLowerCase()} as "${element}"`).join(', ')}
       from survey_response r
      where (r.batch_id, r.number) in (select * from unnest($1::uuid[], $2::int[]))
         or (r.service_id, r.content) in (select * from unnest($3::uuid[], $4::text[]))`,
    [
      forms.map(({ batchId }) => batchId),
      forms.map(({ number }) => number),
      forms.map(({ serviceId }) => serviceId),
      forms.map(({ content }) => content),
    ],
  );
  return new Map(rows.map((row) => [keyOf(row), { ...row, answers: row }]));
}

/** What a form is known by: its number in its batch, or what it says. */
export const keyOf = ({ batchId, number, content }: Pick<Response, 'batchId' | 'number' | 'content'>): string =>
  content ?? `${batchId} ${number}`;

/** Notes the people served, over what was noted of these months before. */
export async function savePeopleServed(
  tx: EntityManager,
  serviceId: string,
  months: readonly { readonly month: Month; readonly people: number }[],
): Promise<void> {
  await tx.query(
    `insert into people_served (service_id, month, people)
     select $1, month, people from unnest($2::text[], $3::int[]) as m (month, people) order by month
     on conflict (service_id, month) do update set people = excluded.people`,
    [serviceId, months.map(({ month }) => month), months.map(({ people }) => people)],
  );
}

export interface SurveyKey {
  readonly serviceId: string;
  readonly year: number;
  /** The last month that has passed. */
  readonly lastMonth: Month;
}
export interface SurveyCounts {
  readonly counted: number;
  readonly uncounted: number;
  readonly issued: number;
  readonly population: number | null;
}

/** For `load`: how the surveys of services and years stand. One statement. */
export async function surveyCounts({ db }: ServiceContext, keys: readonly SurveyKey[]): Promise<SurveyCounts[]> {
  const rows: (Omit<SurveyCounts, 'population'> & { served: number; months: number })[] = await prepared(
    db,
    `select (select count(*)::int from survey_response r where r.service_id = k.id and r.counted
               and r.answered_on between make_date(k.year, 1, 1) and make_date(k.year, 12, 31)) as counted,
            (select count(*)::int from survey_response r where r.service_id = k.id and not r.counted
               and r.answered_on between make_date(k.year, 1, 1) and make_date(k.year, 12, 31)) as uncounted,
            (select coalesce(sum(b.size), 0)::int from survey_batch b where b.service_id = k.id
               and b.issued_on between make_date(k.year, 1, 1) and make_date(k.year, 12, 31)) as issued,
            p.served, p.months
       from unnest($1::uuid[], $2::int[], $3::text[]) with ordinality as k (id, year, last_month, n)
       cross join lateral (
         select coalesce(sum(people), 0)::int as served, count(*)::int as months from people_served
          where service_id = k.id and month between k.year || '-01' and least(k.last_month, k.year || '-12')
       ) p
      order by k.n`,
    [keys.map(({ serviceId }) => serviceId), keys.map(({ year }) => year), keys.map(({ lastMonth }) => lastMonth)],
  );
  return rows.map(({ served, months, ...counts }, i) => {
    const due = monthsUntil(keys[i]!.year, keys[i]!.lastMonth).length;
    return { ...counts, population: due > 0 && months === due ? served : null };
  });
}
