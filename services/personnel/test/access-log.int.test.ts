/** What a person is shown of who read of them: from the reading, through its event, to the graph. */
import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { deliver, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { encode } from '@merit/chassis/out/outbox';
import { received } from '@merit/chassis/testing';
import { testConsumer } from '@merit/chassis/testing.consumer';
import { AccessRecordedSchema } from '@merit/proto/access';
import { removeOldEntries } from '../src/access-log/access-log.table.js';
import { subscriptions } from '../src/consumers.js';
import { employee, OFFICER, personnel, SYSTEM } from './personnel.js';

const { database, clock, graph, act, ask, agency, unit, position, person, assign } = personnel();
const consumer = testConsumer(database, subscriptions);

const DAY_MS = 86_400_000;
const LOG = `query ($id: ID!, $first: Int, $after: String) { employee(id: $id) { accessLog(first: $first, after: $after) {
  edges { node { accessedAt role purpose type fields unit { id } agency { id } } }
  pageInfo { hasNextPage endCursor }
} } }`;
const logOf = async (id: string, page: object = {}) =>
  (await ask(employee(id), LOG, { id, ...page })).employee.accessLog;
const entriesOf = async (id: string, page: object = {}) =>
  (await logOf(id, page)).edges.map(({ node }: { node: object }) => node);

/** What this service has said of reads so far and nobody has heard yet. */
let heard = 0;
async function hear(): Promise<void> {
  const rows: { type: string; payload: Uint8Array }[] = await database.db.query(
    `select type, payload from outbox where aggregate_type = 'access' order by id offset $1`,
    [heard],
  );
  heard += rows.length;
  await deliver(
    database.db,
    subscriptions,
    rows.map(({ type, payload }) => received(type, payload)),
  );
}

const told = (over: MessageInitShape<typeof AccessRecordedSchema>, at: Date | null = clock.now): ReceivedEvent => {
  const accessId = randomUUID();
  const value = {
    ...{ accessId, role: 'SUPERVISOR', type: 'Score', fields: ['value'] },
    ...(at ? { accessedAt: timestampFromDate(at) } : {}),
  };
  const payload = encode(AccessRecordedSchema, { ...value, ...over });
  return received(AccessRecordedSchema.typeName, payload, { aggregate: `access/${accessId}`, key: accessId });
};

test('a person sees as whom others read of them, where those work, why, when and what', async () => {
  const agencyId = await agency();
  const unitId = await unit(agencyId);
  const [boss, staf, colleague] = [await person(agencyId), await person(agencyId), await person(agencyId)];
  await assign(boss, await position(unitId, { title: 'Kepala Dinas', kind: 'JPT', leading: true }));
  await assign(staf, await position(unitId));
  await hear(); // the officer was shown whom they registered
  const before = (await entriesOf(staf)).length;
  const read = 'query ($id: ID!) { employee(id: $id) { name serviceFrom nip } }';
  await graph(employee(boss), read, { id: staf });
  await graph(employee(colleague), read, { id: staf });
  await graph(employee(staf), read, { id: staf });
  clock.now = new Date(clock.now.getTime() + 60_000);
  await graph(OFFICER, read, { id: staf });
  await hear();
  const entries = await entriesOf(staf);
  expect(entries).toHaveLength(before + 2);
  expect(entries.slice(0, 2)).toEqual([
    {
      ...{ accessedAt: clock.now.toISOString(), role: 'HR', purpose: null, type: 'Employee' },
      ...{ fields: ['nip', 'serviceFrom'], unit: null, agency: null },
    },
    {
      ...{ accessedAt: new Date(clock.now.getTime() - 60_000).toISOString(), role: 'SUPERVISOR', purpose: null },
      ...{ type: 'Employee', fields: ['serviceFrom'], unit: { id: unitId }, agency: { id: agencyId } },
    },
  ]);
});

test('where somebody stood on another day is for those who may see all positions they held, and is written down', async () => {
  const agencyId = await agency();
  const unitId = await unit(agencyId, { name: 'Dinas' });
  const [boss, staf, colleague] = [await person(agencyId), await person(agencyId), await person(agencyId)];
  await assign(boss, await position(unitId, { title: 'Kepala Dinas', kind: 'JPT', leading: true }));
  await assign(staf, await position(unitId, { title: 'Analis' }));
  await hear();
  const before = (await entriesOf(staf)).length;
  const read = `query ($id: ID!, $at: LocalDate) { employee(id: $id) {
    position(at: $at) { title } unit(at: $at) { name } supervisor(at: $at) { id } } }`;
  const shown = { position: { title: 'Analis' }, unit: { name: 'Dinas' }, supervisor: { id: boss } };
  expect(await ask(employee(colleague), read, { id: staf })).toEqual({ employee: shown });
  for (const at of ['2020-06-30', '2030-01-01']) {
    const { data, errors } = await graph(employee(colleague), read, { id: staf, at });
    expect(data.employee).toEqual({ position: null, unit: null, supervisor: null });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(Array(3).fill('FORBIDDEN'));
  }
  await hear();
  expect(await entriesOf(staf)).toHaveLength(before);
  for (const viewer of [employee(staf), employee(boss), OFFICER]) {
    expect(await ask(viewer, read, { id: staf, at: '2020-06-30' })).toEqual({ employee: shown });
  }
  await hear();
  const entries: { role: string; fields: string[] }[] = await entriesOf(staf);
  expect(
    entries.flatMap(({ role, fields }) => (fields.join(' ') === 'position supervisor unit' ? [role] : [])),
  ).toEqual(expect.arrayContaining(['HR', 'SUPERVISOR']));
  expect(entries).toHaveLength(before + 2);
});

test('nobody else sees it, officers and whoever runs the system among them', async () => {
  const agencyId = await agency();
  const [staf, inspector] = [await person(agencyId), await person(agencyId)];
  const role = { subject: inspector, role: 'AUDITOR', agencyId, validFrom: '2020-01-01' };
  await act(SYSTEM, 'grantRole', { employeeId: inspector, ...role, subject: undefined }, 'grant { id }');
  for (const viewer of [OFFICER, SYSTEM, employee(inspector)]) {
    const { data, errors } = await graph(viewer, LOG, { id: staf });
    expect([data.employee?.accessLog ?? null, errors?.map(({ extensions }) => extensions.code)]).toEqual([
      null,
      ['FORBIDDEN'],
    ]);
  }
});

test('it is read page by page, the latest first, and what comes twice is there once', async () => {
  const staf = await person(await agency());
  const moments = [0, 1, 1, 2, 3].map((n) => timestampFromDate(new Date(Date.UTC(2026, 9, 1, n))));
  const events = moments.map((accessedAt, n) => told({ employeeIds: [staf], accessedAt, purpose: `${n}` }));
  await deliver(database.db, subscriptions, [...events, ...events]);
  const purposes: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await logOf(staf, { first: 2, after });
    purposes.push(...page.edges.map(({ node }: { node: { purpose: string } }) => node.purpose));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  // Of two at the same moment, either may be first; the list of five is complete.
  expect([purposes[0], purposes[1], [...purposes.slice(2, 4)].sort(), purposes[4]]).toEqual([
    '4',
    '3',
    ['1', '2'],
    '0',
  ]);
});

test('an event about many people is in the log of each', async () => {
  const agencyId = await agency();
  const people = [await person(agencyId), await person(agencyId)];
  await deliver(database.db, subscriptions, [told({ employeeIds: [...people, randomUUID()], purpose: 'all of them' })]);
  for (const id of people)
    expect(await entriesOf(id)).toContainEqual(expect.objectContaining({ purpose: 'all of them' }));
});

test('what an auditor read appears when the embargo is over, and not a moment earlier', async () => {
  const staf = await person(await agency());
  const [{ days }] = await database.db.query(`select days from access_embargo where role = 'AUDITOR'`);
  const over = clock.now.getTime() - days * DAY_MS;
  const auditor = (at: number, purpose: string) =>
    told({ employeeIds: [staf], role: 'AUDITOR', purpose, accessedAt: timestampFromDate(new Date(at)) });
  await deliver(database.db, subscriptions, [
    auditor(over, 'over'),
    auditor(over + 1, 'open'),
    told({ employeeIds: [staf] }),
  ]);
  expect(
    (await entriesOf(staf)).map(({ role, purpose }: { role: string; purpose: string }) => [role, purpose]),
  ).toEqual(
    expect.arrayContaining([
      ['AUDITOR', 'over'],
      ['SUPERVISOR', null],
    ]),
  );
  expect(JSON.stringify(await entriesOf(staf))).not.toContain('open');
  clock.now = new Date(clock.now.getTime() + 1);
  expect(JSON.stringify(await entriesOf(staf))).toContain('open');
});

test('an event that makes no sense is set aside, and no other', async () => {
  const staf = await person(await agency());
  const good = told({ employeeIds: [staf], purpose: 'good' });
  const bad = [
    told({ employeeIds: ['nobody'] }),
    told({ employeeIds: [staf], role: 'NEIGHBOUR' }),
    told({ employeeIds: [staf] }, null),
  ];
  await consumer.read(...bad, good);
  expect((await consumer.letters()).map(({ code }) => code)).toEqual(bad.map(() => 'EVENT_UNREADABLE'));
  expect(await entriesOf(staf)).toContainEqual(expect.objectContaining({ purpose: 'good' }));
});

test('what is older than it must be kept goes, with its number', async () => {
  const staf = await person(await agency());
  const [{ days }] = await database.db.query('select days from access_log_retention');
  const at = (daysAgo: number) => timestampFromDate(new Date(Date.now() - daysAgo * DAY_MS));
  const [old, young] = [
    told({ employeeIds: [staf], accessedAt: at(days + 1) }),
    told({ employeeIds: [staf], accessedAt: at(1) }),
  ];
  await consumer.read(old, young);
  const there = async () => {
    const [row] = await database.db.query(
      `select (select count(*)::int from access_entry where id::text = any($1)) as entries,
              (select count(*)::int from access_entry_person where entry_id::text = any($1)) as persons,
              (select count(*)::int from applied_sequence where aggregate = any($2)) as numbers`,
      [
        [old!.key, young!.key],
        [old!.aggregate, young!.aggregate],
      ],
    );
    return row;
  };
  expect(await there()).toEqual({ entries: 2, persons: 2, numbers: 2 });
  await removeOldEntries(database.db);
  expect(await there()).toEqual({ entries: 1, persons: 1, numbers: 1 });
});

describe('what a person is shown stays as it is', () => {
  test.each([
    'update access_entry set purpose = null',
    'update access_entry_person set employee_id = gen_random_uuid()',
    'delete from access_entry',
    'delete from access_entry_person',
    'truncate access_entry',
    'truncate access_entry_person',
  ])('%s is refused', async (statement) => {
    const staf = await person(await agency());
    await consumer.read(told({ employeeIds: [staf] }, new Date()));
    const before = await entriesOf(staf);
    await expect(database.db.query(statement)).rejects.toThrow(/access_entry(_person)? is append-only/);
    expect(await entriesOf(staf)).toEqual(before);
  });

  test('and nothing shortens its time to less than a year, nor removes the row that says it', async () => {
    for (const [statement, says] of [
      ['update access_log_retention set days = 364', 'check constraint'],
      ['delete from access_log_retention', 'append-only'],
    ] as const) {
      await expect(
        database.db.transaction(async (tx) => {
          await tx.query(statement);
          await tx.query('delete from access_entry');
        }),
      ).rejects.toThrow(says);
    }
  });
});

test('whom a number belongs to is a read of that person, and who is shared with a partner stands in its pages already', async () => {
  const agencyId = await agency();
  const staf = await person(agencyId);
  const { nip } = (await ask(employee(staf), 'query ($id: ID!) { employee(id: $id) { nip } }', { id: staf })).employee;
  await act(
    OFFICER,
    'signAgreement',
    {
      ...{ clientId: 'kemenpan', agencyId, purpose: 'Pemetaan', validFrom: '2026-01-01', employeeIds: [staf] },
      ...{ decreeNumber: '1', decreeDate: '2025-12-30' },
    },
    'agreement { id }',
  );
  await hear();
  const before = (await entriesOf(staf)).length;
  const find = 'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { nip } }';
  await ask(OFFICER, find, { agencyId, nips: [nip] });
  const cursors = 'query ($agencyId: ID!) { sharedEmployees(agencyId: $agencyId) { edges { cursor } } }';
  const partner = { kind: 'CLIENT', subject: 'kemenpan', clientId: 'kemenpan' } as const;
  expect((await ask(partner, cursors, { agencyId })).sharedEmployees.edges).toHaveLength(1);
  await hear();
  const fresh = (await entriesOf(staf)).slice(0, -before || undefined);
  expect(fresh.map(({ role, fields }: { role: string; fields: string[] }) => [role, fields]).sort()).toEqual([
    ['HR', ['nip']],
    ['PARTNER', ['name']],
  ]);
});
