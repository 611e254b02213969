/** The reads of the endpoint written by hand: few statements, the four databases at once. */
import pg from 'pg';
import type { Service } from '../start.plan.js';
import { learningRows, type Numbers, planRows, satisfactionOf, scoreRows, YEAR } from './contender.sql.parts.js';

export type Databases = Readonly<Record<Service, pg.Pool>>;
export type Row = Record<string, unknown>;

export const openDatabases = (urls: Readonly<Record<string, string>>): Databases =>
  Object.fromEntries(
    Object.entries(urls).map(([name, connectionString]) => [name, new pg.Pool({ connectionString, max: 8 })]),
  ) as Databases;

export const named = async <R extends Row>(
  pool: pg.Pool,
  name: string,
  text: string,
  values: unknown[],
): Promise<R[]> => (await pool.query<R>({ name, text, values })).rows;
export type Ask = typeof named;

/** A person's position today: the definitive one before others, as the graph has it. */
const WHO = `select e.id, e.name, p.title, p.unit_id as "unitId",
    (select n.name from unit_name n where n.unit_id = p.unit_id and n.valid_from <= current_date
      order by n.valid_from desc limit 1) as unit
  from employee e
  left join lateral (
    select position.title, position.unit_id from assignment a join position on position.id = a.position_id
     where a.employee_id = e.id and a.annulled_at is null and a.valid_from <= current_date
       and (a.valid_to is null or a.valid_to >= current_date)
     order by array_position(array['DEFINITIF', 'RANGKAP', 'PLT', 'PLH'], a.kind), a.valid_from desc, a.id desc
     limit 1) p on true`;

interface Who extends Row {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly unitId: string | null;
  readonly unit: string | null;
}
const titled = ({ title }: Who) => (title === null ? null : { title });

export async function person(db: Databases, id: string): Promise<unknown> {
  const [who, learning, plans, scores] = await Promise.all([
    named<Who>(db.personnel, 'who', `${WHO} where e.id = $1`, [id]),
    learningRows(named, db.competency, [id]),
    planRows(named, db.performance, [id]),
    scoreRows(named, db.performance, [id], true),
  ]);
  const [one] = who;
  if (!one) return null;
  const [satisfaction, services] = await Promise.all([
    measured(db, one.unitId!),
    named(db.feedback, 'services-5', 'select name from public_service where unit_id = $1 order by name, id limit 5', [
      one.unitId,
    ]),
  ]);
  const records = await named(
    db.competency,
    'records',
    `select c.title, r.hours::float8 as hours, e.completed_at as "completedAt"
       from ledger l join ledger_record r on r.ledger_id = l.id join enrolment e on e.id = r.enrolment_id
       join course c on c.id = e.course_id
      where l.employee_id = $1 and l.year = $2 order by r.starts_on, r.enrolment_id limit 10`,
    [id, YEAR],
  );
  return {
    name: one.name,
    position: titled(one),
    unit: {
      name: one.unit,
      satisfaction: pick(satisfactionOf(satisfaction), ['index', 'grade', 'respondents']),
      services: { edges: services.map((node) => ({ node })) },
    },
    learning: {
      ...learning.get(id)!,
      records: {
        edges: records.map(({ title, hours, completedAt }) => ({ node: { course: { title }, hours, completedAt } })),
      },
    },
    plan: plans.get(id) ?? null,
    score: scores.get(id) ?? null,
  };
}

export async function team(db: Databases, unitId: string): Promise<unknown> {
  const people = await named<Who>(
    db.personnel,
    'team',
    `${WHO} where e.id in (
        select a.employee_id from assignment a join position on position.id = a.position_id
         where position.unit_id = $1 and a.annulled_at is null and a.valid_from <= current_date
           and (a.valid_to is null or a.valid_to >= current_date))
      and (e.left_on is null or e.left_on >= current_date) order by e.name, e.id limit 25`,
    [unitId],
  );
  const ids = people.map(({ id }) => id);
  const [learning, plans, scores] = await Promise.all([
    learningRows(named, db.competency, ids),
    planRows(named, db.performance, ids),
    scoreRows(named, db.performance, ids, false),
  ]);
  return {
    edges: people.map((one) => ({
      node: {
        id: one.id,
        name: one.name,
        position: titled(one),
        learning: learning.get(one.id) ?? null,
        plan: withoutAspect(plans.get(one.id)),
        score: scores.get(one.id) ?? null,
      },
    })),
  };
}

/** The team's document does not ask for it. */
function withoutAspect(plan: { workResults: { indicators: Row[] }[] } | undefined) {
  for (const { indicators } of plan?.workResults ?? []) for (const indicator of indicators) delete indicator['aspect'];
  return plan ?? null;
}

export const measured = (db: Databases, unitId: string) =>
  named<Numbers & Row>(
    db.feedback,
    'measured',
    `select *, service_id as "serviceId", to_char(window_to, 'YYYY-MM-DD') as "windowTo" from satisfaction_measurement
      where unit_id = $1 and year = $2 and in_force`,
    [unitId, YEAR],
  );

export function pick<T extends object>(from: T | null, keys: readonly (keyof T)[]) {
  return from && Object.fromEntries(keys.map((key) => [key, from[key]]));
}
