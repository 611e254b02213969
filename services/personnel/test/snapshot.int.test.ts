/** What a snapshot tells of people, units and roles is what their events told. */
import { randomUUID } from 'node:crypto';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { applyToDirectory, directoryMigrations } from '@merit/directory/directory';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { sources } from '../src/snapshots.js';
import { newNip, OFFICER, personnel, SYSTEM } from './personnel.js';

const { database, clock, graph, act, agency, unit, position, person, assign } = personnel();
const migrations = [chassisMigrations, directoryMigrations];
const byEvents = testDatabase({ entities: [], migrations });
const bySnapshot = testDatabase({ entities: [], migrations });

type Choice = <T>(arbitrary: fc.Arbitrary<T>) => T;

/** What any officer might enter next, allowed or not. */
async function entry(choose: Choice): Promise<[string, object]> {
  const idOf = async (table: string): Promise<string> => {
    const rows: { id: string }[] = await database.db.query(`select id from ${table} order by id`);
    return rows.length === 0 ? randomUUID() : choose(fc.constantFrom(...rows)).id;
  };
  const dayBetween = (min: string, max: string) =>
    choose(fc.date({ min: new Date(min), max: new Date(max), noInvalidDate: true }))
      .toISOString()
      .slice(0, 10);
  const validFrom = dayBetween('2015-06-01', '2026-01-01');
  const validTo = choose(fc.option(fc.constant(dayBetween(validFrom, '2028-01-01'))));
  const end = dayBetween('2016-01-01', '2028-01-01');
  const [employeeId, reason] = [await idOf('employee'), 'SK diralat'];
  const decree = { decreeNumber: '800/1', decreeDate: '2016-01-04' };
  const kind = choose(fc.constantFrom('DEFINITIF', 'PLT', 'RANGKAP'));
  const unitId = await idOf('unit');
  const entries: (() => Promise<[string, object]>)[] = [
    async () => [
      'assignPosition',
      {
        employeeId,
        positionId: await idOf('position'),
        kind,
        validFrom,
        validTo,
        ...decree,
        endPrevious: kind === 'DEFINITIF',
      },
    ],
    async () => ['endAssignment', { assignmentId: await idOf('assignment'), validTo: end }],
    async () => ['annulAssignment', { assignmentId: await idOf('assignment'), reason }],
    async () => [
      'overrideSupervisor',
      { employeeId, supervisorId: await idOf('employee'), validFrom, validTo, reason },
    ],
    async () => ['withdrawSupervisorOverride', { overrideId: await idOf('supervisor_override'), reason }],
    async () => [
      'recordAvailability',
      { employeeId, awayFrom: validFrom, awayTo: validTo ?? validFrom, kind: 'CUTI_TAHUNAN' },
    ],
    async () => ['cancelAvailability', { availabilityId: await idOf('availability') }],
    async () => ['assignService', { employeeId, serviceId: randomUUID(), validFrom, validTo }],
    async () => ['endService', { serviceAssignmentId: await idOf('service_assignment'), validTo: end }],
    async () => {
      const [{ version }] = await database.db.query('select version from employee where id = $1', [employeeId]);
      return [
        'correctEmployee',
        { employeeId, serviceFrom: dayBetween('2014-01-01', '2016-01-01'), reason, expectedVersion: version },
      ];
    },
    async () => ['transferEmployee', { employeeId, toAgencyId: await idOf('agency'), validFrom: end }],
    async () => ['recordLeaving', { employeeId, lastDay: dayBetween('2024-01-01', '2028-01-01') }],
    async () => ['renameUnit', { unitId, name: `Bidang ${end}`, validFrom: end }],
    async () => ['moveUnit', { unitId, parentId: await idOf('unit'), validFrom: end }],
    async () => ['mergeUnit', { unitId, intoUnitId: await idOf('unit'), validFrom: end }],
    async () => ['closeUnit', { unitId, validTo: end }],
    async () => ['grantRole', { employeeId, role: 'AUDITOR', agencyId: await idOf('agency'), validFrom, validTo }],
    async () => [
      'revokeRole',
      { grantId: await idOf(`role_grant where subject <> '${OFFICER.employeeId}'`), validTo: end, reason },
    ],
  ];
  // Appointments and moves often; what ends a person's or a unit's story, seldom.
  const often = [0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 12, 13, 13, 16, 16, 17];
  const seldom = [11, 14, 15];
  return entries[choose(fc.constantFrom(...often, ...often, ...seldom))]!();
}

async function enter(name: string, input: object): Promise<boolean> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation Entry($input: ${type}!) { ${name}(input: $input) { __typename } }`;
  const viewer = name.endsWith('Role') ? SYSTEM : OFFICER;
  const { errors } = await graph(viewer, query, { input });
  if (
    errors?.some(({ extensions }) =>
      ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR'].includes(extensions.code),
    )
  ) {
    throw new Error(`${name}: ${JSON.stringify(errors)}`);
  }
  clock.now = new Date(clock.now.getTime() + 60_000);
  return !errors;
}

/** A town with some people, before anything happens to it. */
async function town(): Promise<void> {
  for (const agencyId of [await agency(), await agency()]) {
    const top = await unit(agencyId);
    const units = [top, await unit(agencyId, { parentId: top }), await unit(agencyId, { parentId: top })];
    for (const unitId of units) {
      for (let n = 0; n < 3; n += 1) await position(unitId);
      await position(unitId, { title: 'Kepala', kind: 'ADMINISTRATOR', leading: true });
    }
    for (let n = 0; n < 6; n += 1) await person(agencyId, { nip: newNip() });
  }
}

/** Everything that a directory holds, table by table. */
async function contentOf(db: DataSource): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const name of await tablesOf(db, 'directory_%')) {
    content[name] = (await db.query(`select to_jsonb(t)::text as row from ${name} t order by 1`)).map(
      ({ row }: { row: string }) => row,
    );
  }
  return content;
}

async function tablesOf(db: DataSource, like: string): Promise<string[]> {
  const tables: { name: string }[] = await db.query(
    `select quote_ident(tablename) as name from pg_tables
      where schemaname = 'public' and tablename like $1 and tablename <> 'schema_migration'
        and tablename not like 'access\\_%' -- append-only, and of no aggregate
      order by 1`,
    [like],
  );
  return tables.map(({ name }) => name);
}

const empty = async (db: DataSource, like: string): Promise<unknown> =>
  db.query(`truncate ${(await tablesOf(db, like)).join(', ')}`);

interface Told {
  readonly aggregate: string;
  readonly key: string;
  readonly parts: readonly { readonly eventId: string; readonly type: string; readonly payload: Uint8Array }[];
}

/** A snapshot of everything, three aggregates at a time. */
const snapshot = (): Promise<Told[]> =>
  database.db.transaction(async (tx) => {
    const told: Told[] = [];
    for (const { aggregateType, read } of sources) {
      for (let after: string | null = null; ; ) {
        const states = await read(tx, after, 3);
        told.push(...states.map(({ id, key, parts }) => ({ aggregate: `${aggregateType}/${id}`, key, parts })));
        if (states.length === 0) break;
        after = states.at(-1)!.id;
      }
    }
    return told;
  });

/** All events into one directory, and a snapshot into another: both are what this service has itself. */
async function compare(): Promise<void> {
  const rows: { aggregate: string; key: string; type: string; payload: Uint8Array }[] = await database.db.query(
    `select aggregate_type || '/' || aggregate_id as aggregate, key, type, payload from outbox
      where aggregate_type <> 'access' order by id`,
  );
  await empty(byEvents.db, 'directory_%');
  for (let n = 0; n < rows.length; n += 7) {
    await byEvents.db.transaction((tx) => applyToDirectory(tx, rows.slice(n, n + 7)));
  }
  await empty(bySnapshot.db, 'directory_%');
  const told = await snapshot();
  await bySnapshot.db.transaction(async (tx) => {
    for (const { parts } of told) await applyToDirectory(tx, parts);
  });
  const live = await contentOf(database.db);
  expect(await contentOf(byEvents.db)).toEqual(live);
  expect(await contentOf(bySnapshot.db)).toEqual(live);

  const keys = (of: readonly { aggregate: string; key: string }[]) =>
    new Map(of.map(({ aggregate, key }) => [aggregate, key]));
  expect([...keys(told)].sort()).toEqual([...keys(rows)].sort());
  const ids = told.flatMap(({ parts }) => parts.map(({ eventId }) => eventId));
  expect(new Set(ids).size).toBe(ids.length);
  expect((await snapshot()).flatMap(({ parts }) => parts.map(({ eventId }) => eventId))).toEqual(ids);
}

test('what was said twice, in another order, or taken back, is told as it was said', async () => {
  const [here, there] = [await agency(), await agency()];
  const top = await unit(here);
  const [old, into] = [await unit(here, { parentId: top }), await unit(here, { parentId: top })];
  const id = await person(here);
  const held = await assign(id, await position(old), { validTo: '2027-12-31' });
  const enterAll = async (...entries: [string, object][]) => {
    for (const [name, input] of entries) expect([name, await enter(name, input)]).toEqual([name, true]);
  };
  await enterAll(
    ['renameUnit', { unitId: old, name: 'Bidang Baru', validFrom: '2026-01-01' }],
    ['endAssignment', { assignmentId: held, validTo: '2026-06-30' }],
    ['endAssignment', { assignmentId: held, validTo: '2025-06-30' }],
    ['renameUnit', { unitId: old, name: 'Bidang Lama', validFrom: '2020-01-01' }],
    ['moveUnit', { unitId: old, parentId: null, validFrom: '2021-01-01' }],
    ['mergeUnit', { unitId: old, intoUnitId: into, validFrom: '2027-01-01' }],
    ['closeUnit', { unitId: old, validTo: '2026-06-30' }],
    ['mergeUnit', { unitId: into, intoUnitId: top, validFrom: '2027-01-01' }],
    ['transferEmployee', { employeeId: id, toAgencyId: there, validFrom: '2026-03-01' }],
    ['correctEmployee', { employeeId: id, serviceFrom: '2014-03-01', reason: 'SK', expectedVersion: 2 }],
    ['correctEmployee', { employeeId: id, kind: 'CPNS', reason: 'SK', expectedVersion: 3 }],
    ['grantRole', { employeeId: id, role: 'AUDITOR', agencyId: there, validFrom: '2026-01-01', validTo: '2027-01-01' }],
    ['recordLeaving', { employeeId: id, lastDay: '2026-05-01' }],
  );
  await compare();
  const told = (await snapshot()).find(({ aggregate }) => aggregate === `employee/${id}`)!;
  expect(told.parts.map(({ type }) => type.split('.').at(-1))).toEqual([
    'EmployeeRegistered',
    'EmployeeCorrected',
    'EmployeeCorrected',
    'EmployeeTransferred',
    'PositionAssigned',
    'AssignmentEnded',
    'AssignmentEnded',
    'EmployeeLeft',
  ]);
});

test('an agreement is told with those whom it names, and as it was ended', async () => {
  const agencyId = await agency();
  const [unitId, id] = [await unit(agencyId), await person(agencyId)];
  const decree = { decreeNumber: '100.3/7', decreeDate: '2025-12-30', purpose: 'Pemetaan talenta' };
  const terms = { clientId: 'bkn', agencyId, validFrom: '2026-01-01', validTo: '2027-12-31', ...decree };
  const sign = (over: object) => act(OFFICER, 'signAgreement', { ...terms, ...over }, 'agreement { id }');
  await sign({ employeeIds: [id], unitIds: [unitId] });
  const { agreement } = await sign({ unitIds: [unitId] });
  await act(OFFICER, 'endAgreement', { agreementId: agreement.id, reason: 'Selesai' }, '__typename');
  await compare();
  const told = (await snapshot()).find(({ aggregate }) => aggregate === `agreement/${agreement.id}`)!;
  expect(told.parts.map(({ type }) => type.split('.').at(-1))).toEqual(['AgreementSigned', 'AgreementEnded']);
});

test('a directory made from a snapshot is the one made from all events of any history', async () => {
  const property = fc.asyncProperty(fc.gen(), async (gen) => {
    await empty(database.db, '%');
    await town();
    let entered = 0;
    for (let n = 0; n < 120; n += 1) {
      if (await enter(...(await entry((arbitrary) => gen(() => arbitrary))))) entered += 1;
    }
    expect(entered).toBeGreaterThan(30);
    await compare();
  });
  await fc.assert(property, { numRuns: 2, endOnFailure: true });
});
