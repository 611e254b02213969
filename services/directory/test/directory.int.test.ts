import { deliver } from '@merit/chassis/in/consumer';
import { received, testDatabase } from '@merit/chassis/testing';
import {
  AssignmentAnnulledSchema,
  AssignmentEndedSchema,
  AssignmentKind,
  EmployeeCorrectedSchema,
  EmployeeLeftSchema,
  EmployeeTransferredSchema,
  EmploymentKind,
  Role,
  RoleRevokedSchema,
  SupervisorChangedSchema,
  UnitClosedSchema,
  UnitMergedSchema,
  UnitMovedSchema,
  UnitRenamedSchema,
} from '@merit/proto/personnel';
import {
  agenciesOf,
  directoryMigrations,
  directoryModel,
  directorySubscription,
  higherSupervisorsAt,
  personAt,
  supervisorOf,
  supervisorsAt,
} from '../src/directory.js';
import { agency, at, employee, event, grant, grantId, holds, id, leads, town, unit } from './town.js';

const database = testDatabase({ entities: [], migrations: [directoryMigrations] });
const DAY = '2026-06-15';

const TABLES = ['agency', 'unit', 'unit_parent', 'employee', 'employment', 'assignment', 'assignment_end'];
const ALL_TABLES = [...TABLES, 'supervisor_override', 'grant'].map((name) => `directory_${name}`);
beforeEach(() => database.db.query(`truncate ${ALL_TABLES}`));

const told = (...events: Parameters<typeof deliver>[2]) => deliver(database.db, [directorySubscription], events);
const supervisor = (name: string, date = DAY, knownAt?: string) =>
  supervisorOf(database.db, id(name), date, knownAt ? new Date(knownAt) : undefined).then(nameOf);
const person = async (name: string, date = DAY) => (await personAt(database.db, [id(name)], date)).get(id(name));
const nameOf = (found: string | null | undefined) =>
  found == null ? null : Buffer.from(found.replaceAll('-', ''), 'hex').toString().replace(/\.+$/, '');

async function everything(): Promise<unknown[]> {
  const tables: unknown[] = [];
  for (const table of ALL_TABLES) tables.push(await database.db.query(`select * from ${table} t order by t::text`));
  return tables;
}

/** The whole life of a town, in the order in which it happened. */
const life = () => [
  ...town(),
  event(UnitRenamedSchema, { unitId: id('bidang'), name: 'Bidang Baru', validFrom: '2026-02-01' }),
  event(UnitMovedSchema, { unitId: id('seksi'), parentId: id('dinas'), validFrom: '2026-03-01' }),
  event(EmployeeCorrectedSchema, {
    employeeId: id('staf'),
    kind: EmploymentKind.PPPK,
    serviceFrom: '2021-01-01',
    contractFrom: '2025-01-01',
    contractTo: '2029-12-31',
  }),
  event(AssignmentEndedSchema, {
    assignmentId: id('kasi@seksi'),
    employeeId: id('kasi'),
    validTo: '2026-05-31',
    recordedAt: at('2026-05-01T00:00:00Z'),
  }),
  leads('rekan', 'seksi', { assignmentId: id('rekan plt'), kind: AssignmentKind.PLT, validFrom: '2026-06-01' }),
  event(SupervisorChangedSchema, {
    overrideId: id('override'),
    employeeId: id('kabid'),
    supervisorId: id('kasi'),
    validFrom: '2026-06-01',
    validTo: '2026-06-30',
    recordedAt: at('2026-05-15T00:00:00Z'),
  }),
  event(EmployeeTransferredSchema, {
    employeeId: id('rekan'),
    fromAgencyId: id('kota'),
    toAgencyId: id('kabupaten'),
    validFrom: '2026-09-01',
  }),
  event(EmployeeLeftSchema, { employeeId: id('kadis'), validTo: '2026-10-31' }),
  event(UnitMergedSchema, { unitId: id('seksi'), intoUnitId: id('bidang'), validFrom: '2026-11-01' }),
  event(UnitClosedSchema, { unitId: id('kecamatan'), validTo: '2026-11-30' }),
  event(RoleRevokedSchema, {
    grantId: grantId(id('auditor'), Role.AUDITOR),
    subject: id('auditor'),
    validTo: '2026-04-30',
  }),
];

describe('what personnel tells', () => {
  test('gives the same tables at once, one by one, and told again', async () => {
    await told(...life());
    const atOnce = await everything();
    await told(...life());
    expect(await everything()).toEqual(atOnce);
    await database.db.query(`truncate ${ALL_TABLES}`);
    for (const one of life()) await told(one);
    expect(await everything()).toEqual(atOnce);
  });

  test('a correction of the first day of service moves the first employment, and no other', async () => {
    const corrected = (serviceFrom: string) =>
      event(EmployeeCorrectedSchema, { employeeId: id('rekan'), kind: EmploymentKind.PNS, serviceFrom });
    const transferred = event(EmployeeTransferredSchema, {
      employeeId: id('rekan'),
      fromAgencyId: id('kota'),
      toAgencyId: id('kabupaten'),
      validFrom: '2026-03-01',
    });
    const story = [
      employee('rekan', 'kota'),
      corrected('2026-09-01'),
      corrected('2026-02-01'),
      transferred,
      corrected('2025-12-01'),
    ];
    const employments = () =>
      database.db.query('select agency_id, valid_from from directory_employment order by valid_from');
    const expected = [
      { agency_id: id('kota'), valid_from: '2025-12-01' },
      { agency_id: id('kabupaten'), valid_from: '2026-03-01' },
    ];
    await told(...story);
    expect(await employments()).toEqual(expected);
    // Again, one by one: what was said of the service before the transfer does not reach what came after it.
    for (const one of story) await told(one);
    expect(await employments()).toEqual(expected);
    expect((await person('rekan', '2026-02-28'))?.agencyId).toBe(id('kota'));
    expect((await person('rekan', '2026-03-01'))?.agencyId).toBe(id('kabupaten'));
  });

  test('may come in any order between people, units and grants', async () => {
    await told(...life());
    const inOrder = await everything();
    await database.db.query(`truncate ${ALL_TABLES}`);
    await told(...life().filter(({ type }) => /Position|Assignment|Supervisor|Employee|Role/.test(type)));
    await told(...life().filter(({ type }) => /Unit/.test(type)));
    await told(...life().filter(({ type }) => /Agency/.test(type)));
    expect(await everything()).toEqual(inOrder);
  });

  test('forgets what one of them has told, and nothing else', async () => {
    await told(...life());
    const [{ employee_id: someone }] = await database.db.query('select employee_id from directory_assignment limit 1');
    const forget = (...aggregates: string[]) => database.db.transaction((tx) => directoryModel.forget(tx, aggregates));
    const before = (await everything()).flat() as Record<string, unknown>[];
    const ends = (await database.db.query(
      'select e.* from directory_assignment_end e join directory_assignment a on a.id = assignment_id where employee_id = $1',
      [someone],
    )) as unknown[];
    await forget(`employee/${someone}`, 'enrolment/no uuid', `unit/${id('nowhere')}`);
    const isTheirs = (row: Record<string, unknown>) =>
      row['employee_id'] === someone ||
      (row['id'] === someone && 'service_from' in row) ||
      ends.some((end) => JSON.stringify(end) === JSON.stringify(row));
    expect((await everything()).flat()).toEqual(before.filter((row) => !isTheirs(row)));
    expect(before.some(isTheirs)).toBe(true);
    const all = { agency: 'directory_agency', unit: 'directory_unit', employee: 'directory_employee' };
    for (const [type, table] of Object.entries({ ...all, grant: 'directory_grant' })) {
      const rows: { id: string }[] = await database.db.query(`select id from ${table}`);
      await forget(...rows.map((row) => `${type}/${row.id}`));
    }
    expect((await everything()).flat()).toEqual([]);
  });

  test('takes a handful of statements for a thousand people', async () => {
    const events = [agency('kota'), unit('dinas', 'kota')];
    for (let i = 0; i < 1000; i += 1)
      events.push(employee(`p${i}`, 'kota'), holds(`p${i}`, 'dinas', { validTo: '2026-12-31' }));
    const statements: string[] = [];
    await database.db.transaction(async (tx) => {
      const query = tx.query.bind(tx);
      tx.query = ((sql: string, parameters: unknown[]) => {
        statements.push(sql);
        return query(sql, parameters);
      }) as typeof tx.query;
      await directorySubscription.handle(tx, events);
    });
    expect(statements).toHaveLength(7);
    expect((await personAt(database.db, [id('p0'), id('p999')], DAY)).size).toBe(2);
  });

  test('passes over what is for others, and refuses what cannot be read', async () => {
    await told(received('merit.personnel.v1.AvailabilityRecorded', new Uint8Array([1, 2, 3])));
    const unreadable = expect.objectContaining({ code: 'EVENT_UNREADABLE' });
    const type = 'merit.personnel.v1.AgencyRegistered';
    await expect(told(received(type, new Uint8Array([255])))).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
    await expect(told(agency('kota', 'Asia/Atlantis'))).rejects.toEqual(unreadable);
    await expect(told(grant('x', Role.UNSPECIFIED))).rejects.toEqual(unreadable);
    await expect(told(holds('x', 'y', { recordedAt: undefined }))).rejects.toEqual(unreadable);
    expect(await agenciesOf(database.db, [id('kota')])).toEqual(new Map());
  });
});

describe('people on a day', () => {
  beforeEach(() => told(...life()));

  test('are where their definitive position is', async () => {
    expect(await person('rekan')).toEqual({
      employeeId: id('rekan'),
      agencyId: id('kota'),
      unitId: id('seksi'),
      positionId: id('pos seksi'),
      positionTitle: 'Pelaksana',
      leading: false,
      kind: 'PNS',
      serviceFrom: '2020-01-01',
      leftOn: null,
      contractFrom: null,
      contractTo: null,
    });
  });

  test('belong to another agency from the day of their transfer, and to the first before they began', async () => {
    expect((await person('rekan', '2026-08-31'))?.agencyId).toBe(id('kota'));
    expect((await person('rekan', '2026-09-01'))?.agencyId).toBe(id('kabupaten'));
    expect((await person('rekan', '2019-12-31'))?.agencyId).toBe(id('kota'));
  });

  test('have what was corrected, and no position after they left', async () => {
    expect(await person('staf')).toMatchObject({ kind: 'PPPK', serviceFrom: '2021-01-01', contractTo: '2029-12-31' });
    expect(await person('kadis', '2026-10-31')).toMatchObject({ unitId: id('dinas'), leading: true });
    expect(await person('kadis', '2026-11-01')).toMatchObject({ unitId: null, leading: false, leftOn: '2026-10-31' });
  });

  test('come with their supervisors when asked, and not at all when unknown', async () => {
    const found = await personAt(database.db, [id('staf'), id('nobody')], DAY, { supervisors: true });
    expect([...found.keys()]).toEqual([id('staf')]);
    expect(nameOf(found.get(id('staf'))?.supervisorId)).toBe('rekan');
  });

  test('agencies have their zone', async () => {
    expect(await agenciesOf(database.db, [id('kota'), id('kabupaten'), id('nowhere')])).toEqual(
      new Map([
        [id('kota'), { id: id('kota'), name: 'kota', timeZone: 'Asia/Jakarta' }],
        [id('kabupaten'), { id: id('kabupaten'), name: 'kabupaten', timeZone: 'Asia/Jayapura' }],
      ]),
    );
  });
});

describe('supervisors from the database', () => {
  beforeEach(() => told(...life()));

  test.each([
    ['staf', '2026-05-31', 'kasi'],
    ['staf', '2026-06-01', 'rekan'],
    ['rekan', '2026-06-01', 'kadis'],
    ['kabid', '2026-06-15', 'kasi'],
    ['kabid', '2026-07-01', 'kadis'],
    ['kasi', '2026-02-28', 'kabid'],
    ['kasi', '2026-03-01', 'kadis'],
    ['kadis', DAY, null],
    ['staf', '2026-11-01', 'kabid'],
    ['kabid', '2026-11-01', null],
    ['nobody', DAY, null],
  ])('of %s on %s is %s', async (name, date, expected) => {
    expect(await supervisor(name, date)).toBe(expected);
  });

  test('as it was known before the end of an assignment was recorded', async () => {
    expect(await supervisor('staf', '2026-06-15', '2026-04-30T00:00:00Z')).toBe('kasi');
    await told(
      event(AssignmentEndedSchema, {
        assignmentId: id('kasi@seksi'),
        employeeId: id('kasi'),
        validTo: '2026-07-31',
        recordedAt: at('2026-08-01T00:00:00Z'),
      }),
    );
    expect(await supervisor('staf', '2026-06-15', '2026-05-01T00:00:00Z')).toBe('rekan');
    expect(await supervisor('staf', '2026-06-15', '2026-08-01T00:00:00Z')).toBe('kasi');
    expect(await supervisor('staf', '2026-06-15')).toBe('kasi');
  });

  test('not by a decree that was annulled', async () => {
    await told(
      event(AssignmentAnnulledSchema, {
        assignmentId: id('rekan plt'),
        employeeId: id('rekan'),
        recordedAt: at('2026-06-10T00:00:00Z'),
      }),
    );
    expect(await supervisor('staf')).toBe('kadis');
    expect(await supervisor('staf', DAY, '2026-06-09T00:00:00Z')).toBe('rekan');
  });

  test('for many at once, and up to the top', async () => {
    const people = ['staf', 'kasi', 'kadis'].map(id);
    const direct = await supervisorsAt(database.db, people, '2026-04-01');
    expect([...direct.values()].map(nameOf)).toEqual(['kasi', 'kadis', null]);
    const higher = await higherSupervisorsAt(database.db, people, '2026-02-01');
    expect([...higher.values()].map((chain) => chain.map(nameOf))).toEqual([
      ['kasi', 'kabid', 'kadis'],
      ['kabid', 'kadis'],
      [],
    ]);
  });

  test('even where units hang under each other by mistake', async () => {
    await told(
      event(UnitMovedSchema, { unitId: id('dinas'), parentId: id('seksi'), validFrom: '2026-01-01' }),
      event(UnitMergedSchema, { unitId: id('bidang'), intoUnitId: id('bidang'), validFrom: '2026-01-01' }),
    );
    expect(await supervisor('kadis', '2026-04-01')).toBe('kasi');
    expect(await supervisor('kabid', '2026-04-01')).toBeNull();
  });
});
