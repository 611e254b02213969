/** What a repeated key shows again: it is judged anew, and written down as the first time. */
import { randomUUID } from 'node:crypto';
import type { Viewer } from '@merit/chassis/api/viewer';
import { employee, personnel, SYSTEM } from './personnel.js';

const { database, graph, act, agency, unit, position, person } = personnel();

interface Scene {
  readonly agencyId: string;
  readonly employeeId: string;
  readonly bossId: string;
  readonly positionId: string;
  /** A civil servant, who is one of the staff without a role as well. */
  readonly officer: Viewer;
  readonly grantId: string;
}
/** By which mutation, the payload's field, whether the entry of the log names the person, and with what it is done. */
type Case = readonly [mutation: string, field: string, isLogged: boolean, input: (scene: Scene) => object];

const dated = { validFrom: '2026-01-01', decreeNumber: '800/9', decreeDate: '2025-12-30' };
const CASES: readonly Case[] = [
  ['assignPosition', 'assignment', true, (s) => ({ ...of(s), positionId: s.positionId, kind: 'DEFINITIF', ...dated })],
  [
    'recordAvailability',
    'availability',
    true,
    (s) => ({ ...of(s), awayFrom: '2026-12-01', awayTo: '2026-12-02', kind: 'CUTI_SAKIT' }),
  ],
  ['assignService', 'serviceAssignment', true, (s) => ({ ...of(s), serviceId: randomUUID(), validFrom: '2026-01-01' })],
  [
    'overrideSupervisor',
    'override',
    true,
    (s) => ({ ...of(s), supervisorId: s.bossId, validFrom: '2026-01-01', reason: 'x' }),
  ],
  ['grantRole', 'grant', true, (s) => ({ ...of(s), agencyId: s.agencyId, role: 'OFFICER', ...dated })],
  [
    'signAgreement',
    'agreement',
    false,
    (s) => ({ agencyId: s.agencyId, employeeIds: [s.employeeId], clientId: 'bkn', purpose: 'x', ...dated }),
  ],
];
const of = ({ employeeId }: Scene) => ({ employeeId });

async function scene(): Promise<Scene> {
  const agencyId = await agency();
  const positionId = await position(await unit(agencyId));
  const [employeeId, bossId, officerId] = [await person(agencyId), await person(agencyId), await person(agencyId)];
  const role = { employeeId: officerId, role: 'HR', agencyId, validFrom: '2026-01-01' };
  const { grant } = await act(SYSTEM, 'grantRole', role, 'grant { id }');
  return { agencyId, positionId, employeeId, bossId, officer: employee(officerId), grantId: grant.id };
}

const mutate = (viewer: Viewer, name: string, field: string, input: object) => {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  return graph(viewer, `mutation ($input: ${type}!) { ${name}(input: $input) { ${field} { id } } }`, { input });
};
const readsOf = async (employeeId: string, field: string): Promise<string[]> => {
  const rows: { role: string }[] = await database.db.query(
    'select role from access_log where $1 = any(persons) and $2 = any(fields) order by at, id',
    [employeeId, field],
  );
  return rows.map(({ role }) => role);
};

test.each(CASES)(
  '%s: a key repeated shows the row while its viewer may see it',
  async (name, field, isLogged, make) => {
    const s = await scene();
    const input = { ...make(s), idempotencyKey: randomUUID() };
    const first = await mutate(s.officer, name, field, input);
    expect([first.errors, first.data[name][field]]).toEqual([undefined, { id: expect.any(String) }]);
    expect(await mutate(s.officer, name, field, input)).toEqual(first);
    expect(await readsOf(s.employeeId, field)).toEqual(isLogged ? ['HR', 'HR'] : []);

    await act(SYSTEM, 'revokeRole', { grantId: s.grantId, reason: 'mutasi' }, '__typename');
    const after = await mutate(s.officer, name, field, input);
    expect(after.data).toEqual({ [name]: { [field]: null } });
    expect(after.errors).toMatchObject([{ path: [name, field], extensions: { code: 'FORBIDDEN' } }]);
    expect(await readsOf(s.employeeId, field)).toEqual(isLogged ? ['HR', 'HR'] : []);
  },
);

test('an officer whom another agency employs may name one, and is shown the grant', async () => {
  const [here, elsewhere] = [await scene(), await scene()];
  await act(
    SYSTEM,
    'grantRole',
    { employeeId: elsewhere.employeeId, role: 'HR', agencyId: here.agencyId, ...dated },
    '__typename',
  );
  const role = { employeeId: elsewhere.bossId, role: 'OFFICER', agencyId: here.agencyId, ...dated };
  const { grant } = await act(employee(elsewhere.employeeId), 'grantRole', role, 'grant { subject role }');
  expect(grant).toEqual({ subject: elsewhere.bossId, role: 'OFFICER' });
  expect(await readsOf(elsewhere.bossId, 'grant')).toEqual(['HR']);
});

test('of a role that an operator is given, who is no employee, nothing is written down', async () => {
  const { agencyId } = await scene();
  const before = await database.db.query('select count(*)::int as n from access_log');
  await act(SYSTEM, 'grantRole', { subject: 'operator', role: 'HR', agencyId, ...dated }, 'grant { id }');
  expect(await database.db.query('select count(*)::int as n from access_log')).toEqual(before);
});
