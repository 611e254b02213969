/** The store of facts: what they look like lying down. */
import { documentArray, documents, plainArray } from '@merit/chassis/array';
import type { EntityManager } from 'typeorm';
import type { HoursFact, PlanFact, RealisationFact } from './facts.js';

/** Whose score of which year. */
export interface Key {
  readonly employeeId: string;
  readonly year: number;
}

type Stored<F, Own extends keyof F> = Omit<F, 'eventId' | 'occurredAt' | 'actor' | Own>;

/** A fact about a person, as it is stored. */
export type PersonFact = Key & {
  /** The event's id. */
  readonly id: string;
  /** The plan, the realisation, the ledger. */
  readonly recordId: string;
  readonly version: number;
  readonly actor: string | null;
  readonly occurredAt: Date;
} & (
    | { readonly kind: 'PLAN'; readonly data: Stored<PlanFact, 'planId' | 'version'> }
    | { readonly kind: 'REALISATION'; readonly data: Stored<RealisationFact, 'realisationId'> }
    | { readonly kind: 'LEARNING_HOURS'; readonly data: Stored<HoursFact, 'ledgerId' | 'version'> }
  );

/** Writes facts; one that is there already stays. One statement. */
export async function insertFacts(tx: EntityManager, facts: readonly PersonFact[]): Promise<void> {
  if (facts.length === 0) return;
  await tx.query(
    `insert into fact (year, id, employee_id, kind, record_id, version, actor, occurred_at, data)
     select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::text[],
                          $8::timestamptz[], ${documentArray('$9', 'jsonb')})
     on conflict (year, id) do nothing`,
    [
      plainArray(facts.map((fact) => fact.year)),
      plainArray(facts.map((fact) => fact.id)),
      plainArray(facts.map((fact) => fact.employeeId)),
      plainArray(facts.map((fact) => fact.kind)),
      plainArray(facts.map((fact) => fact.recordId)),
      plainArray(facts.map((fact) => fact.version)),
      plainArray(facts.map((fact) => fact.actor)),
      plainArray(facts.map((fact) => fact.occurredAt.toISOString())),
      documents(facts.map((fact) => JSON.stringify(fact.data))),
    ],
  );
}

/**
 * Removes all versions of ledgers.
 * @param of whose they are, where that is known: then they are found through the index
 * @returns whose scores of which years they were part of
 */
export async function removeLedgers(tx: EntityManager, ids: readonly string[], of?: readonly string[]): Promise<Key[]> {
  if (ids.length === 0) return [];
  const [removed]: [Key[], number] = await tx.query(
    `delete from fact
      where kind = 'LEARNING_HOURS' and record_id = any($1::uuid[]) and ($2::uuid[] is null or employee_id = any($2))
      returning employee_id as "employeeId", year`,
    [ids, of ?? null],
  );
  return removed;
}

/** What is known of people in years, of each record the highest version. Person by person through the index. */
export function factsAbout(tx: EntityManager, keys: readonly Key[]): Promise<PersonFact[]> {
  return tx.query(
    `select k.year, k.employee_id as "employeeId", f.*
       from unnest($1::uuid[], $2::int[]) as k (employee_id, year)
      cross join lateral (
             select distinct on (kind, record_id)
                    id, kind, record_id as "recordId", version::float8, actor, occurred_at as "occurredAt", data
               from fact where employee_id = k.employee_id and year = k.year and year = any($3)
              order by kind, record_id, version desc) f`,
    [
      plainArray(keys.map(({ employeeId }) => employeeId)),
      plainArray(keys.map(({ year }) => year)),
      plainArray([...new Set(keys.map(({ year }) => year))]),
    ],
  );
}

export interface FactsOfPerson {
  readonly plans: PlanFact[];
  readonly realisations: RealisationFact[];
  readonly hours: HoursFact[];
}

/** Stored facts as the fold takes them. */
export function asFacts(stored: readonly PersonFact[]): FactsOfPerson {
  const facts: FactsOfPerson = { plans: [], realisations: [], hours: [] };
  for (const fact of stored) {
    const origin = { eventId: fact.id, occurredAt: fact.occurredAt, actor: fact.actor };
    switch (fact.kind) {
      case 'PLAN':
        facts.plans.push({ ...origin, planId: fact.recordId, version: fact.version, ...fact.data });
        break;
      case 'REALISATION':
        facts.realisations.push({ ...origin, realisationId: fact.recordId, ...fact.data });
        break;
      case 'LEARNING_HOURS':
        facts.hours.push({
          ledgerId: fact.recordId,
          version: fact.version,
          ...fact.data,
          records: fact.data.records.map(withDate),
        });
        break;
      default:
        fact satisfies never;
    }
  }
  return facts;
}

/** JSON writes a moment as text. */
const withDate = (record: HoursFact['records'][number]): HoursFact['records'][number] => ({
  ...record,
  completedAt: record.completedAt === null ? null : new Date(record.completedAt),
});
