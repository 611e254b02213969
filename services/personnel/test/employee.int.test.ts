import { randomUUID } from 'node:crypto';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { employee, newNip, OFFICER, personnel, SYSTEM } from './personnel.js';

const { act, refused, ask, graph, agency, unit, position, person, assign, events, database } = personnel();

const RECORD = `query ($id: ID!) { employee(id: $id) {
  name kind nip birthDate sex serviceFrom leftOn version position { title } unit { name } agency { id }
  positionAssignments { edges { node { validTo } } }
} }`;
const counts = async () =>
  (
    await database.db.query(`select (select count(*)::int from employee) as employees,
      (select count(*)::int from identity_number) as numbers, (select count(*)::int from outbox) as events`)
  )[0];

let agencyId: string;
beforeAll(async () => {
  agencyId = await agency();
});
const input = (over: object = {}) => ({
  agencyId,
  name: 'Teuku Umar',
  nip: newNip(),
  kind: 'PNS',
  serviceFrom: '2010-03-01',
  ...over,
});

test('a person is entered, and neither name nor number leaves the service', async () => {
  const nip = newNip({ birth: '19900120', appointed: '202421', sex: '2' });
  const contract = { kind: 'PPPK', contractFrom: '2024-01-01', contractTo: '2028-12-31' };
  const { employee: entered } = await act(
    OFFICER,
    'registerEmployee',
    input({ nip, name: 'Dewi', ...contract }),
    'employee { id birthDate sex version contractTo }',
  );
  expect(entered).toMatchObject({ sex: 'FEMALE', version: 1, contractTo: '2028-12-31' });
  expect(entered.birthDate).toMatch(/^19\d\d-01-20$/);
  const [event] = await events(entered.id);
  expect(event).toEqual([
    'EmployeeRegistered',
    {
      employeeId: entered.id,
      agencyId,
      kind: 3,
      serviceFrom: '2010-03-01',
      contractFrom: '2024-01-01',
      contractTo: '2028-12-31',
    },
  ]);
});

test.each<[string, object, string]>([
  ['a number of 17 digits', { nip: '19850615201003110' }, 'NIP_MALFORMED nip'],
  ['a number that begins with =', { nip: '=9850615201003101' }, 'NIP_MALFORMED nip'],
  ['a birth on 31 June', { nip: '198506312010031001' }, 'NIP_BIRTH_DATE nip'],
  ['an appointment in month 00', { nip: '198506152010001001' }, 'NIP_APPOINTMENT_MONTH nip'],
  ['a frequency of 15', { nip: '198506152021151001', kind: 'PPPK' }, 'NIP_FREQUENCY nip'],
  ['the number of a PPPK', { nip: '198506152021211001' }, 'NIP_OF_OTHER_KIND nip'],
  ['sex 7', { nip: '198506152010037001' }, 'NIP_SEX nip'],
  ['serial 000', { nip: '198506152010031000' }, 'NIP_SERIAL nip'],
  ['17 years old at appointment', { nip: '199206152010031001' }, 'NIP_TOO_YOUNG nip'],
  ['an appointment next month', { nip: '198506152026121001' }, 'NIP_IN_FUTURE nip'],
  ['a service date that does not exist', { serviceFrom: '2023-02-29' }, 'BAD_USER_INPUT serviceFrom'],
  ['a null byte in the name', { name: 'Teuku\0Umar' }, 'TEXT_INVALID name'],
  ['a name of 1 MB', { name: 'a'.repeat(1_000_000) }, 'TEXT_TOO_LONG name'],
  ['no name', { name: '' }, 'TEXT_REQUIRED name'],
  [
    'a contract of a PNS',
    { contractFrom: '2024-01-01', contractTo: '2024-12-31' },
    'CONTRACT_NOT_ALLOWED contractFrom',
  ],
  ['a PPPK without a contract', { nip: '198506152021211001', kind: 'PPPK' }, 'CONTRACT_REQUIRED contractFrom'],
  ['an agency that is none', { agencyId: 'kota' }, 'INVALID_ID agencyId'],
  ['an agency that nobody knows', { agencyId: randomUUID() }, 'AGENCY_NOT_FOUND agencyId'],
])('%s is refused, and nothing is left of it', async (_, wrong, code) => {
  const before = await counts();
  expect(await refused(OFFICER, 'registerEmployee', input(wrong))).toBe(code);
  expect(await counts()).toEqual(before);
});

test('no error repeats an identity number', async () => {
  const nip = '198506152010037001';
  const query = 'mutation ($input: RegisterEmployeeInput!) { registerEmployee(input: $input) { employee { id } } }';
  expect(JSON.stringify(await graph(OFFICER, query, { input: input({ nip }) }))).not.toContain(nip.slice(0, 8));
});

test.each(['Nurul 🌺 Hidayah', 'محمد يوسف', 'Pak "D\'Arcy" <b>Ali</b>', '=cmd()'])(
  'the name %s stays as it is',
  async (name) => {
    const id = await person(agencyId, { name });
    const { employee: found } = await ask(OFFICER, 'query ($id: ID!) { employee(id: $id) { name } }', { id });
    expect(found.name).toBe(name);
  },
);

test('of a hundred simultaneous registrations of one number, one succeeds and the others are told', async () => {
  const nip = newNip();
  const before = await counts();
  const query = 'mutation ($input: RegisterEmployeeInput!) { registerEmployee(input: $input) { employee { id } } }';
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => graph(OFFICER, query, { input: input({ nip, name: `Orang ${i}` }) })),
  );
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  const codes = answers.flatMap(({ errors }) => errors?.map((error) => error.extensions.code) ?? []);
  expect(new Set(codes)).toEqual(new Set(['NIP_TAKEN']));
  expect(await counts()).toEqual({
    employees: before.employees + 1,
    numbers: before.numbers + 1,
    events: before.events + 1,
  });
});

test('the same key has one effect and one answer; with other input it is refused', async () => {
  const first = input({ idempotencyKey: randomUUID() });
  const answers = await Promise.all([1, 2, 3].map(() => act(OFFICER, 'registerEmployee', first, 'employee { id }')));
  expect(new Set(answers.map(({ employee }) => employee.id)).size).toBe(1);
  expect(await events(answers[0].employee.id)).toHaveLength(1);
  expect(await refused(OFFICER, 'registerEmployee', { ...first, name: 'Lain' })).toBe(
    'IDEMPOTENCY_KEY_REUSED idempotencyKey',
  );
});

test('a colleague sees name, position and unit; the number only oneself and HR', async () => {
  const unitId = await unit(agencyId, { name: 'Dinas Sosial' });
  const [id, colleagueId] = [await person(agencyId, { name: 'Rahmat' }), await person(agencyId)];
  await assign(id, await position(unitId, { title: 'Penyuluh' }));
  const seen = {
    name: 'Rahmat',
    position: { title: 'Penyuluh' },
    unit: { name: 'Dinas Sosial' },
    agency: { id: agencyId },
  };

  const byColleague = await graph(employee(colleagueId), RECORD, { id });
  expect(byColleague.data.employee).toMatchObject({ ...seen, nip: null, birthDate: null, sex: null, version: null });
  expect(byColleague.errors!.map(({ path, extensions }) => `${path.at(-1)} ${extensions.code}`).sort()).toEqual(
    ['birthDate', 'leftOn', 'nip', 'positionAssignments', 'serviceFrom', 'sex', 'version'].map(
      (field) => `${field} FORBIDDEN`,
    ),
  );
  for (const viewer of [employee(id), OFFICER]) {
    const { employee: whole } = await ask(viewer, RECORD, { id });
    expect(whole).toMatchObject({ ...seen, nip: expect.stringMatching(/^\d{18}$/), version: 1 });
  }
  const byPublic = await graph(PUBLIC, RECORD, { id });
  expect(byPublic.data.employee).toBeNull();
  expect(byPublic.errors![0].extensions.code).toBe('FORBIDDEN');
});

test('people are listed by name, page by page, and found by a part of it', async () => {
  const listed = await agency();
  for (const name of ['Citra', 'Andi 100%', 'Budi', 'andika']) await person(listed, { name });
  const list = (args: string) =>
    ask(
      OFFICER,
      `query ($a: ID!) { employees(agencyId: $a, ${args}) { edges { node { name } cursor } pageInfo { hasNextPage endCursor } } }`,
      { a: listed },
    );
  const names = ({ employees }: { employees: { edges: { node: { name: string } }[] } }) =>
    employees.edges.map(({ node }) => node.name);
  const first = await list('first: 3');
  expect(names(first)).toEqual(['Andi 100%', 'Budi', 'Citra']);
  const { hasNextPage, endCursor } = first.employees.pageInfo;
  expect(hasNextPage).toBe(true);
  expect(names(await list(`first: 3, after: "${endCursor}"`))).toEqual(['andika']);
  expect(names(await list('search: "ANDI"'))).toEqual(['Andi 100%', 'andika']);
  expect(names(await list('search: "0%"'))).toEqual(['Andi 100%']);
  expect(names(await list('search: "_"'))).toEqual([]);
  expect(names(await list('last: 1'))).toEqual(['andika']);
});

test('the people of a unit are those who hold a position in it, once each, and nobody else', async () => {
  const listed = await agency();
  const unitId = await unit(listed, { name: 'Dinas Daftar' });
  const elsewhere = await unit(listed, { name: 'Dinas Lain' });
  for (const [name, place] of [
    ['Zaki', unitId],
    ['Ayu', unitId],
    ['Eka', elsewhere],
  ] as const) {
    await assign(await person(listed, { name }), await position(place, { title: `Analis ${name}` }));
  }
  const list = async (args: string, id: string) =>
    (
      await ask(OFFICER, `query ($u: ID!) { employees(unitId: $u${args}) { edges { node { name } } } }`, { u: id })
    ).employees.edges.map(({ node }: { node: { name: string } }) => node.name);
  expect(await list('', unitId)).toEqual(['Ayu', 'Zaki']);
  expect(await list(', search: "za"', unitId)).toEqual(['Zaki']);
  expect(await list('', elsewhere)).toEqual(['Eka']);
});

test('an officer finds people by number, of their agency only', async () => {
  const [nip, other] = [newNip(), newNip()];
  const id = await person(agencyId, { nip });
  await person(await agency(), { nip: other });
  const query = 'query ($a: ID!, $n: [String!]!) { employeesByNip(agencyId: $a, nips: $n) { nip employee { id } } }';
  const asked = [other, nip, 'nothing\0', `${nip.slice(0, 8)} ${nip.slice(8)}`];
  expect((await ask(OFFICER, query, { a: agencyId, n: asked })).employeesByNip).toEqual([
    { nip: other, employee: null },
    { nip, employee: { id } },
    { nip: 'nothing\0', employee: null },
    { nip: asked[3], employee: { id } },
  ]);
  for (const viewer of [SYSTEM, employee(id), PUBLIC]) {
    expect((await graph(viewer, query, { a: agencyId, n: [nip] })).errors![0].extensions.code).toBe('FORBIDDEN');
  }
});

test('me is who asks', async () => {
  const id = await person(agencyId);
  expect((await ask(employee(id), '{ me { id nip } }')).me.id).toBe(id);
  expect((await ask(OFFICER, '{ me { id } }')).me).toBeNull();
});

describe('a correction', () => {
  test('changes what it names, frees the wrong number, and keeps what stood before', async () => {
    const [wrong, right] = [newNip(), newNip()];
    const id = await person(agencyId, { name: 'Yusuf', nip: wrong, kind: 'CPNS' });
    const change = {
      employeeId: id,
      name: 'Yusuf, S.E.',
      nip: right,
      kind: 'PNS',
      reason: 'salah ketik',
      expectedVersion: 1,
    };
    const { employee: corrected } = await act(OFFICER, 'correctEmployee', change, 'employee { name nip kind version }');
    expect(corrected).toEqual({ name: 'Yusuf, S.E.', nip: right, kind: 'PNS', version: 2 });
    expect((await events(id)).at(-1)).toEqual([
      'EmployeeCorrected',
      { employeeId: id, kind: 1, serviceFrom: '2015-03-01' },
    ]);
    const [kept] = await database.db.query('select * from employee_correction where employee_id = $1', [id]);
    expect(kept).toMatchObject({
      reason: 'salah ketik',
      before: { name: 'Yusuf', nip: wrong, kind: 'CPNS' },
      actor: `employee/${OFFICER.employeeId}`,
    });
    await person(agencyId, { nip: wrong });
  });

  test('is refused when someone else was quicker, for another’s number, and without a reason', async () => {
    const taken = newNip();
    await person(agencyId, { nip: taken });
    const id = await person(agencyId);
    const change = { employeeId: id, name: 'Baru', reason: 'x', expectedVersion: 1 };
    const both = await Promise.allSettled([1, 2].map(() => act(OFFICER, 'correctEmployee', change, '__typename')));
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refused(OFFICER, 'correctEmployee', change)).toBe('CONFLICT expectedVersion');
    const next = { ...change, expectedVersion: 2 };
    expect(await refused(OFFICER, 'correctEmployee', { ...next, nip: taken })).toBe('NIP_TAKEN nip');
    expect(await refused(OFFICER, 'correctEmployee', { ...next, reason: ' ' })).toBe('TEXT_REQUIRED reason');
    expect(await refused(OFFICER, 'correctEmployee', { ...next, kind: 'PPPK' })).toBe('NIP_OF_OTHER_KIND nip');
    expect(await refused(OFFICER, 'correctEmployee', { ...next, employeeId: randomUUID() })).toBe(
      'EMPLOYEE_NOT_FOUND employeeId',
    );
    expect(await refused(OFFICER, 'correctEmployee', { ...next, employeeId: agencyId })).toBe(
      'EMPLOYEE_NOT_FOUND employeeId',
    );
  });

  test('of the first day may not pass what already happened', async () => {
    const id = await person(agencyId);
    await assign(id, await position(await unit(agencyId)), { validFrom: '2016-01-04' });
    const change = { employeeId: id, reason: 'x', expectedVersion: 1 };
    expect(await refused(OFFICER, 'correctEmployee', { ...change, serviceFrom: '2016-01-05' })).toBe(
      'SERVICE_FROM_TOO_LATE serviceFrom',
    );
    await act(OFFICER, 'correctEmployee', { ...change, serviceFrom: '2014-03-01' }, '__typename');
    await assign(id, await position(await unit(agencyId)), {
      kind: 'PLT',
      validFrom: '2015-01-01',
      validTo: '2015-12-31',
    });
  });
});

test('nobody acts on their own record', async () => {
  const id = await person(agencyId);
  await act(SYSTEM, 'grantRole', { employeeId: id, role: 'HR', agencyId, validFrom: '2020-01-01' }, '__typename');
  const self = employee(id);
  const positionId = await position(await unit(agencyId));
  const decree = { decreeNumber: '1', decreeDate: '2020-01-01', validFrom: '2020-01-01', kind: 'DEFINITIF' };
  expect(await refused(self, 'correctEmployee', { employeeId: id, name: 'X', reason: 'x', expectedVersion: 1 })).toBe(
    'FORBIDDEN',
  );
  expect(await refused(self, 'assignPosition', { employeeId: id, positionId, ...decree })).toBe('FORBIDDEN');
  expect(await refused(self, 'recordLeaving', { employeeId: id, lastDay: '2026-12-31' })).toBe('FORBIDDEN');
  const colleague = await person(agencyId);
  await act(self, 'assignPosition', { employeeId: colleague, positionId, ...decree }, '__typename');
});

test('a person who moves to another agency leaves positions, services and roles behind, and the new officer takes over', async () => {
  const to = await agency();
  const id = await person(agencyId);
  const held = await assign(id, await position(await unit(agencyId)));
  const serviceId = randomUUID();
  await act(OFFICER, 'assignService', { employeeId: id, serviceId, validFrom: '2020-01-01' }, '__typename');
  await act(SYSTEM, 'grantRole', { employeeId: id, role: 'HR', agencyId, validFrom: '2020-01-01' }, '__typename');
  const transfer = { employeeId: id, toAgencyId: to, validFrom: '2026-10-01' };
  expect(await refused(OFFICER, 'transferEmployee', { ...transfer, toAgencyId: agencyId })).toBe(
    'TRANSFER_TO_SAME_AGENCY toAgencyId',
  );
  expect(await refused(OFFICER, 'transferEmployee', { ...transfer, validFrom: '2015-03-01' })).toBe(
    'TRANSFER_TOO_EARLY validFrom',
  );
  await act(OFFICER, 'transferEmployee', transfer, '__typename');
  const grantEvents = await database.db.query(`select type from outbox where key = $1 order by id`, [id]);
  expect(grantEvents.map(({ type }: { type: string }) => type.split('.').at(-1))).toEqual([
    'EmployeeRegistered',
    'PositionAssigned',
    'ServiceAssigned',
    'RoleGranted',
    'AssignmentEnded',
    'ServiceEnded',
    'RoleRevoked',
    'EmployeeTransferred',
  ]);
  const ended = (await events(id)).find(([name]) => name === 'AssignmentEnded')![1];
  expect(ended).toMatchObject({ assignmentId: held, validTo: '2026-09-30' });
  const { employee: moved } = await ask(OFFICER, RECORD, { id });
  expect(moved).toMatchObject({ agency: { id: to }, position: null, unit: null });
  const old = await position(await unit(agencyId));
  const decree = { kind: 'DEFINITIF', decreeNumber: '1', decreeDate: '2026-10-01', validFrom: '2026-10-01' };
  expect(await refused(OFFICER, 'assignPosition', { employeeId: id, positionId: old, ...decree })).toBe(
    'NOT_EMPLOYED validFrom',
  );
  await assign(id, await position(await unit(to)), decree);
});

test('a person who leaves holds nothing after the last day', async () => {
  const id = await person(agencyId);
  const positionId = await position(await unit(agencyId));
  const later = await assign(id, positionId, { validFrom: '2026-12-01' });
  const leaving = { employeeId: id, lastDay: '2026-11-21' };
  expect(await refused(OFFICER, 'recordLeaving', leaving)).toBe('ASSIGNMENT_BEGINS_LATER');
  await act(OFFICER, 'annulAssignment', { assignmentId: later, reason: 'pensiun dini' }, '__typename');
  expect(await refused(OFFICER, 'recordLeaving', { ...leaving, lastDay: '2015-02-28' })).toBe(
    'LEFT_BEFORE_SERVICE lastDay',
  );
  await act(OFFICER, 'recordLeaving', leaving, '__typename');
  expect((await events(id)).at(-1)).toEqual(['EmployeeLeft', { employeeId: id, validTo: '2026-11-21' }]);
  expect(await refused(OFFICER, 'recordLeaving', leaving)).toBe('EMPLOYEE_LEFT');
  const decree = { kind: 'PLT', decreeNumber: '1', decreeDate: '2026-10-01', validFrom: '2026-11-22' };
  expect(await refused(OFFICER, 'assignPosition', { employeeId: id, positionId, ...decree })).toBe(
    'NOT_EMPLOYED validFrom',
  );
  // Who has left is no colleague any more, and still sees their own record.
  expect((await graph(employee(id), '{ me { name } }')).errors![0].extensions.code).toBe('FORBIDDEN');
});
