/**
 * Many more people, by SQL: whole agencies again and again, with their units, people, plans, scores, services and what
 * the public said. A copy has every row of its original, under ids that follow from the original's and the copy's number;
 * so what belongs together in the four databases belongs together in the copy. Events are not copied: what is measured
 * on copies are reads.
 */
import pg from 'pg';
import type { Service } from '../start.plan.js';

/** What every service knows of people and units. */
const DIRECTORY = [
  'directory_agency',
  'directory_unit',
  'directory_unit_parent',
  'directory_employee',
  'directory_employment',
  'directory_assignment',
  'directory_assignment_end',
  'directory_supervisor_override',
  'directory_grant',
];

/** What is copied, those first that others refer to. */
const TABLES: Readonly<Record<Service, readonly string[]>> = {
  personnel: [
    ...['agency', 'unit', 'unit_name', 'unit_parent', 'position', 'employee', 'identity_number', 'employment'],
    ...['assignment', 'assignment_end', 'supervisor_override', 'availability', 'service_assignment', 'role_grant'],
    ...DIRECTORY,
  ],
  performance: [
    ...['performance_period', 'performance_plan', 'work_result', 'indicator', 'realisation', 'fact', 'service_fact'],
    ...['public_service', 'service_assignment', 'absence', 'score', 'score_version', ...DIRECTORY],
  ],
  competency: [
    ...['course', 'session', 'enrolment', 'certificate', 'learner', 'learning_year', 'ledger', 'ledger_record'],
    ...DIRECTORY,
  ],
  feedback: ['public_service', 'satisfaction_measurement', 'complaint', ...DIRECTORY],
};

/** A UUID of version 8, which follows from another and the copy's number. */
const copied = (text: string) =>
  `overlay(overlay(md5(${text} || k) placing '8' from 13 for 1) placing '8' from 17 for 1)::uuid`;

const UUID = "'^[0-9a-f]{8}-[0-9a-f]{4}-'";
/** Columns whose text or id is not simply another id in the copy: each an expression over the row and the number `k`. */
const SPECIAL: Readonly<Record<string, string>> = {
  'agency.name': "t.name || ' ' || k",
  'directory_agency.name': "t.name || ' ' || k",
  // Eighteen digits that begin with 9: a number of nobody's.
  'identity_number.number':
    "'9' || lpad(k::text, 6, '0') || lpad((row_number() over (partition by k order by t.number))::text, 11, '0')",
  'role_grant.subject': `case when t.subject ~ ${UUID} then ${copied('t.subject')}::text else t.subject || k end`,
  'directory_grant.subject': `case when t.subject ~ ${UUID} then ${copied('t.subject')}::text else t.subject || k end`,
  'complaint.tracking_id': "t.tracking_id || '-' || k",
  // There is one policy for all.
  'score_version.policy_id': 't.policy_id',
};

interface Column {
  readonly name: string;
  readonly type: string;
}

/** So many copies are written in one transaction at most. */
const MOST_AT_ONCE = 20;

/**
 * Copies all agencies of the sample until there are at least so many people.
 * @param databases each service's, by a connection that may write
 * @returns how many people there are
 */
export async function growTo(databases: Databases, people: number): Promise<number> {
  const { sample, copies } = await counts(databases);
  const wanted = Math.max(0, Math.ceil(people / sample) - 1);
  for (let done = copies; done < wanted; done += MOST_AT_ONCE) {
    const range = [done + 1, Math.min(wanted, done + MOST_AT_ONCE)] as const;
    // What other services know of people is there before the people are, so that a run cut short is gone on with.
    for (const service of [...OTHERS, 'personnel'] as const)
      await copyTables(databases[service]!, TABLES[service], range);
  }
  return sample * (Math.max(copies, wanted) + 1);
}

type Databases = Readonly<Partial<Record<Service, string>>>;
const OTHERS = ['performance', 'competency', 'feedback'] as const;

/** A copy's agencies have its number at the end of their names. */
async function counts({ personnel }: Databases): Promise<{ sample: number; copies: number }> {
  const client = new pg.Client(personnel!);
  await client.connect();
  try {
    const { rows } = await client.query<{ sample: number; copies: number }>(
      `select (select count(*)::int from employment e join agency a on a.id = e.agency_id
                where a.name !~ ' [0-9]+$' and e.valid_to is null) as sample,
              coalesce((select max(substring(name from ' ([0-9]+)$')::int) from agency), 0) as copies`,
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}

async function copyTables(url: string, tables: readonly string[], range: readonly [number, number]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    // A role's limits are for its service's short work.
    await client.query('set statement_timeout = 0');
    await client.query('create schema if not exists sample');
    for (const table of tables) await client.query(`create table if not exists sample.${table} as table ${table}`);
    await client.query('begin');
    for (const table of tables) await client.query(copySql(table, await columnsOf(client, table)), [...range]);
    await client.query('commit');
    for (const table of tables) await client.query(`analyze ${table}`);
  } finally {
    await client.end();
  }
}

async function columnsOf(client: pg.Client, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select column_name as name, data_type as type from information_schema.columns
      where table_schema = current_schema() and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER'
      order by ordinal_position`,
    [table],
  );
  if (rows.length === 0) throw new Error(`There is no table ${table} to copy.`);
  return rows;
}

/** One statement a table. Done again, it adds nothing. */
function copySql(table: string, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const values = columns.map(({ name, type }) => {
    const own = SPECIAL[`${table}.${name}`];
    return own ?? (type === 'uuid' ? copied(`t."${name}"::text`) : `t."${name}"`);
  });
  return `insert into ${table} (${names}) select ${values.join(', ')} 
    from sample.${table} t cross join generate_series($1::int, $2::int) k on conflict do nothing`;
}
