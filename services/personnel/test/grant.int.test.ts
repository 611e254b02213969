import { randomUUID } from 'node:crypto';
import { employee, OFFICER, personnel, SYSTEM } from './personnel.js';

const { act, refused, ask, agency, unit, person, events, database } = personnel();

let agencyId: string;
beforeAll(async () => {
  agencyId = await agency();
});
const role = (over: object = {}) => ({ role: 'HR', agencyId, validFrom: '2026-01-01', ...over });
const edit = (id: string) => ({ employeeId: id, name: 'Baru', reason: 'x', expectedVersion: 1 });

test('a role holds from when it is given until it is taken back', async () => {
  const [officer, colleague] = [await person(agencyId), await person(agencyId)];
  expect(await refused(employee(officer), 'correctEmployee', edit(colleague))).toBe('FORBIDDEN');
  const decree = { decreeNumber: '800/7', decreeDate: '2025-12-30' };
  const { grant } = await act(
    SYSTEM,
    'grantRole',
    role({ employeeId: officer, ...decree }),
    'grant { id subject role agency { id } unit { id } decreeNumber }',
  );
  expect(grant).toMatchObject({
    subject: officer,
    role: 'HR',
    agency: { id: agencyId },
    unit: null,
    decreeNumber: '800/7',
  });
  await act(employee(officer), 'correctEmployee', edit(colleague), '__typename');
  await act(SYSTEM, 'revokeRole', { grantId: grant.id, reason: 'mutasi' }, 'grant { validTo }');
  expect(await refused(employee(officer), 'correctEmployee', { ...edit(colleague), expectedVersion: 2 })).toBe(
    'FORBIDDEN',
  );
  expect(await events(grant.id)).toEqual([
    ['RoleGranted', { grantId: grant.id, subject: officer, role: 1, agencyId, validFrom: '2026-01-01' }],
    ['RoleRevoked', { grantId: grant.id, subject: officer, validTo: '2026-11-21' }],
  ]);
  const keys = await database.db.query('select distinct key from outbox where aggregate_id = $1', [grant.id]);
  expect(keys).toEqual([{ key: officer }]);
  const query = 'query ($id: ID!) { employee(id: $id) { grants { edges { node { role validTo revokedAt } } } } }';
  const { employee: seen } = await ask(employee(officer), query, { id: officer });
  expect(seen.grants.edges).toEqual([{ node: { role: 'HR', validTo: '2026-11-21', revokedAt: expect.any(String) } }]);
});

test('the operator who starts the system gives itself what it needs, and takes it back at once', async () => {
  const { grant } = await act(
    SYSTEM,
    'grantRole',
    role({ subject: 'system', validFrom: '2026-11-22' }),
    'grant { id }',
  );
  await person(agencyId);
  await act(
    SYSTEM,
    'registerEmployee',
    { agencyId, name: 'A', nip: '198506152010031001', kind: 'PNS', serviceFrom: '2010-03-01' },
    '__typename',
  );
  await act(SYSTEM, 'revokeRole', { grantId: grant.id, reason: 'selesai' }, '__typename');
  expect(
    await refused(SYSTEM, 'registerEmployee', {
      agencyId,
      name: 'A',
      nip: '198506152010031002',
      kind: 'PNS',
      serviceFrom: '2010-03-01',
    }),
  ).toBe('FORBIDDEN');
  await act(SYSTEM, 'grantRole', role({ subject: 'system', validFrom: '2026-11-22' }), '__typename');
});

test('HR names complaint officers within the agency, and no one else', async () => {
  const id = await person(agencyId);
  const unitId = await unit(agencyId);
  await act(OFFICER, 'grantRole', role({ employeeId: id, role: 'OFFICER', unitId }), 'grant { id }');
  for (const other of ['HR', 'AUDITOR']) {
    expect(await refused(OFFICER, 'grantRole', role({ employeeId: id, role: other }))).toBe('FORBIDDEN');
  }
  const elsewhere = (await act(SYSTEM, 'registerAgency', { name: 'Kota Lain' }, 'agency { id }')).agency.id;
  expect(await refused(OFFICER, 'grantRole', role({ employeeId: id, role: 'OFFICER', agencyId: elsewhere }))).toBe(
    'FORBIDDEN',
  );
  expect(await refused(employee(id), 'grantRole', role({ subject: 'someone' }))).toBe('FORBIDDEN');
});

test('nobody gives a role to themselves, by whichever name', async () => {
  const id = await person(agencyId);
  await act(SYSTEM, 'grantRole', { employeeId: id, role: 'ADMIN', validFrom: '2026-01-01' }, '__typename');
  expect(await refused(employee(id), 'grantRole', role({ employeeId: id }))).toBe('FORBIDDEN employeeId');
  for (const subject of [id, id.toUpperCase(), ` ${id} `, `sub-${id}`]) {
    expect(await refused(employee(id), 'grantRole', role({ subject }))).toBe('FORBIDDEN subject');
  }
  await act(employee(id), 'grantRole', role({ employeeId: await person(agencyId) }), '__typename');
});

test('HR who is no ADMIN gives itself nothing; an operator with it gives nobody anything', async () => {
  const own = role({ subject: OFFICER.employeeId, role: 'OFFICER' });
  expect(await refused(OFFICER, 'grantRole', own)).toBe('FORBIDDEN subject');
  const another = role({ subject: 'another', role: 'OFFICER' });
  await act(SYSTEM, 'grantRole', role({ subject: 'clerk' }), '__typename');
  expect(await refused({ kind: 'OPERATOR', subject: 'clerk' }, 'grantRole', another)).toBe('FORBIDDEN');
  await act(OFFICER, 'grantRole', another, '__typename');
});

test('a subject that is the id of an employee is that employee, who must serve; other ids are names of operators', async () => {
  const [serving, gone, operator] = [await person(agencyId), await person(agencyId), randomUUID()];
  await act(OFFICER, 'recordLeaving', { employeeId: gone, lastDay: '2026-11-22' }, '__typename');
  expect(await refused(SYSTEM, 'grantRole', role({ subject: gone }))).toMatch(/^EMPLOYEE_LEFT/);
  const given = async (subject: string) =>
    (await act(SYSTEM, 'grantRole', role({ subject }), 'grant { subject }')).grant;
  expect(await given(serving.toUpperCase())).toEqual({ subject: serving });
  expect(await given(operator)).toEqual({ subject: operator });
});

test.each<[string, object, string]>([
  ['to nobody', {}, 'SUBJECT_REQUIRED employeeId'],
  ['to two', { subject: 'x', employeeId: randomUUID() }, 'SUBJECT_REQUIRED employeeId'],
  ['to an unknown employee', { employeeId: randomUUID() }, 'EMPLOYEE_NOT_FOUND employeeId'],
  ['without an agency', { subject: 'x', agencyId: null }, 'ROLE_SCOPE agencyId'],
  ['of ADMIN within an agency', { subject: 'x', role: 'ADMIN' }, 'ROLE_SCOPE agencyId'],
  ['that does not exist', { subject: 'x', role: 'KING' }, 'BAD_USER_INPUT role'],
  ['that ends before it begins', { subject: 'x', validTo: '2025-12-31' }, 'INTERVAL_REVERSED validTo'],
  ['in an unknown agency', { subject: 'x', agencyId: randomUUID() }, 'AGENCY_NOT_FOUND agencyId'],
  ['to a subject of 1 MB', { subject: 'x'.repeat(1_000_000) }, 'TEXT_TOO_LONG subject'],
  ['to a subject with a null byte', { subject: 'x\0' }, 'TEXT_INVALID subject'],
])('a role %s is refused', async (_, wrong, code) => {
  expect(await refused(SYSTEM, 'grantRole', role(wrong))).toBe(code);
});

test('a role of a unit is for complaint officers, of a unit of that agency', async () => {
  const unitId = await unit(agencyId);
  expect(await refused(SYSTEM, 'grantRole', role({ subject: 'x', unitId }))).toBe('ROLE_SCOPE unitId');
  const foreign = await unit(await agency());
  expect(await refused(SYSTEM, 'grantRole', role({ subject: 'x', role: 'OFFICER', unitId: foreign }))).toBe(
    'UNIT_OTHER_AGENCY unitId',
  );
});

test('a role is given once at a time, also when two give it at once', async () => {
  const grants = await Promise.allSettled(
    Array.from({ length: 5 }, () => act(SYSTEM, 'grantRole', role({ subject: 'twice' }), 'grant { id }')),
  );
  expect(grants.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await refused(SYSTEM, 'grantRole', role({ subject: 'twice' }))).toBe('GRANT_OVERLAPS validFrom');
  expect(await refused(SYSTEM, 'revokeRole', { grantId: randomUUID(), reason: 'x' })).toBe('GRANT_NOT_FOUND grantId');
});
