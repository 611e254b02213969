/** From the decree to what the partner agency's machine client reads. */
import { randomUUID } from 'node:crypto';
import type { Viewer } from '@merit/chassis/api/viewer';
import { employee, OFFICER, personnel, SYSTEM } from './personnel.js';

const { act, refused, ask, graph, agency, unit, position, person, assign, events, statements } = personnel();

const client = (clientId: string): Viewer => ({ kind: 'CLIENT', subject: clientId, clientId });
let agencyId: string;
beforeAll(async () => {
  agencyId = await agency();
});
const agreement = (over: object = {}) => ({
  clientId: 'bkn',
  agencyId,
  purpose: 'Pemetaan talenta nasional',
  validFrom: '2026-01-01',
  decreeNumber: '100.3/7',
  decreeDate: '2025-12-30',
  ...over,
});
const signed = async (viewer: Viewer, over: object): Promise<string> =>
  (await act(viewer, 'signAgreement', agreement(over), 'agreement { id }')).agreement.id;

const SHARED = `query ($agencyId: ID!, $first: Int, $after: String) {
  sharedEmployees(agencyId: $agencyId, first: $first, after: $after) {
    edges { node { id name position { title } unit { name } agency { id } serviceAssignments { edges { node { serviceId } } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const shared = async (clientId: string, over: object = {}) =>
  (await ask(client(clientId), SHARED, { agencyId, ...over })).sharedEmployees;
const namesSeen = async (clientId: string) =>
  (await shared(clientId)).edges.map(({ node }: { node: { name: string } }) => node.name);

test('a client reads the people of a standing agreement, and no field that is not for partners', async () => {
  const unitId = await unit(agencyId, { name: 'Dinas Sosial' });
  const id = await person(agencyId, { name: 'Ani' });
  await assign(id, await position(unitId, { title: 'Pekerja Sosial' }));
  await person(agencyId, { name: 'Bukan' });
  const { errors: before } = await graph(client('kemensos'), SHARED, { agencyId });
  expect(before![0]!.extensions['code']).toBe('FORBIDDEN');
  const agreementId = await signed(OFFICER, { clientId: 'kemensos', employeeIds: [id] });
  expect((await shared('kemensos')).edges).toEqual([
    {
      node: {
        id,
        name: 'Ani',
        position: { title: 'Pekerja Sosial' },
        unit: { name: 'Dinas Sosial' },
        agency: { id: agencyId },
        serviceAssignments: { edges: [] },
      },
    },
  ]);
  const query = `query ($agencyId: ID!) { sharedEmployees(agencyId: $agencyId) { edges { node {
    nip birthDate supervisor { id } grants { edges { cursor } } positionAssignments { edges { cursor } }
    past: position(at: "2020-01-01") { id } } } } }`;
  const { data, errors } = await graph(client('kemensos'), query, { agencyId });
  expect(errors?.map(({ path, extensions }) => [path?.at(-1), extensions['code']]).sort()).toEqual(
    ['birthDate', 'grants', 'nip', 'past', 'positionAssignments', 'supervisor'].map((name) => [name, 'FORBIDDEN']),
  );
  expect(JSON.stringify(data)).not.toContain('1985');
  await act(OFFICER, 'endAgreement', { agreementId, reason: 'Selesai' }, '__typename');
  const { data: gone, errors: after } = await graph(client('kemensos'), SHARED, { agencyId });
  expect([gone.sharedEmployees, after![0]!.extensions['code']]).toEqual([null, 'FORBIDDEN']);
});

test('by units, a page at a time, each person once', async () => {
  const top = await unit(agencyId);
  const below = await unit(agencyId, { parentId: top });
  const names = ['Cici', 'Dedi', 'Eka'];
  const ids: string[] = [];
  for (const name of names) {
    ids.push(await person(agencyId, { name }));
    await assign(ids.at(-1)!, await position(below));
  }
  await signed(SYSTEM, { clientId: 'bps', unitIds: [top, top], employeeIds: [ids[0]] });
  await signed(OFFICER, { clientId: 'bps', unitIds: [below] });
  const first = await shared('bps', { first: 2 });
  const second = await shared('bps', { first: 2, after: first.pageInfo.endCursor });
  const pages = [first, second].map(({ edges }) => edges.map(({ node }: { node: { name: string } }) => node.name));
  expect([...pages, second.pageInfo.hasNextPage]).toEqual([['Cici', 'Dedi'], ['Eka'], false]);
});

test('after a transfer the person is shared no more by the agency that is left', async () => {
  const id = await person(agencyId, { name: 'Fira' });
  await signed(OFFICER, { clientId: 'lan', employeeIds: [id] });
  expect(await namesSeen('lan')).toEqual(['Fira']);
  await act(
    OFFICER,
    'transferEmployee',
    { employeeId: id, toAgencyId: await agency(), validFrom: '2026-11-22' },
    '__typename',
  );
  expect(await namesSeen('lan')).toEqual([]);
});

test('straight to an entity a client gets no more than through the list', async () => {
  const [shown, hidden] = [await person(agencyId, { name: 'Gita' }), await person(agencyId, { name: 'Hana' })];
  await signed(OFFICER, { clientId: 'kpk', employeeIds: [shown] });
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Employee { name nip } } }`;
  const representations = [shown, hidden].map((id) => ({ __typename: 'Employee', id }));
  const { data } = await graph(client('kpk'), query, { representations });
  expect(data._entities).toEqual([
    { name: 'Gita', nip: null },
    { name: null, nip: null },
  ]);
  const { data: asked, errors } = await graph(
    client('kpk'),
    'query ($id: ID!) { employee(id: $id) { name } me { name } }',
    {
      id: shown,
    },
  );
  expect([asked, errors?.map(({ extensions }) => extensions['code'])]).toEqual([
    { employee: null, me: null },
    ['FORBIDDEN', 'FORBIDDEN'],
  ]);
});

test('HR of the agency and ADMIN sign and end; its inspectorate reads; others learn nothing of it', async () => {
  const [officer, auditor, colleague] = [await person(agencyId), await person(agencyId), await person(agencyId)];
  const role = (employeeId: string, name: string) => ({ employeeId, role: name, agencyId, validFrom: '2026-01-01' });
  await act(SYSTEM, 'grantRole', role(officer, 'HR'), '__typename');
  await act(SYSTEM, 'grantRole', role(auditor, 'AUDITOR'), '__typename');
  const input = agreement({ clientId: 'bpk', employeeIds: [colleague] });
  for (const viewer of [employee(colleague), employee(auditor), client('bpk')]) {
    expect(await refused(viewer, 'signAgreement', input)).toBe('FORBIDDEN');
  }
  const { agreement: made } = await act(employee(officer), 'signAgreement', input, 'agreement { id }');
  const query = `query ($agencyId: ID!) { agreements(agencyId: $agencyId, first: 100) {
    edges { node { id clientId purpose employees { edges { node { id } } } units { edges { node { id } } } validTo endReason } } } }`;
  const read = async (viewer: Viewer) => (await graph(viewer, query, { agencyId })).data.agreements;
  expect((await read(employee(auditor))).edges).toContainEqual({
    node: {
      id: made.id,
      clientId: 'bpk',
      purpose: 'Pemetaan talenta nasional',
      employees: { edges: [{ node: { id: colleague } }] },
      units: { edges: [] },
      validTo: null,
      endReason: null,
    },
  });
  expect([await read(employee(colleague)), await read(client('bpk'))]).toEqual([null, null]);
  const end = { agreementId: made.id, reason: 'Selesai' };
  const messageOf = async (viewer: Viewer, agreementId: string) => {
    const mutation = 'mutation ($input: EndAgreementInput!) { endAgreement(input: $input) { __typename } }';
    const { errors } = await graph(viewer, mutation, { input: { ...end, agreementId } });
    return [errors![0]!.extensions['code'], errors![0]!.message];
  };
  expect(await messageOf(employee(colleague), made.id)).toEqual(await messageOf(employee(colleague), randomUUID()));
  expect(await refused(employee(auditor), 'endAgreement', end)).toBe('FORBIDDEN');
  await act(employee(officer), 'endAgreement', { ...end, validTo: '2026-12-31' }, '__typename');
  expect(await refused(employee(officer), 'endAgreement', { ...end, validTo: '2026-12-31' })).toBe(
    'AGREEMENT_ENDED validTo',
  );
  expect(await events(made.id)).toEqual([
    [
      'AgreementSigned',
      {
        agreementId: made.id,
        clientId: 'bpk',
        agencyId,
        employeeIds: [colleague],
        unitIds: [],
        validFrom: '2026-01-01',
      },
    ],
    ['AgreementEnded', { agreementId: made.id, clientId: 'bpk', validTo: '2026-12-31' }],
  ]);
});

describe('those whom an agreement names', () => {
  const NAMED = `query ($agencyId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    agreements(agencyId: $agencyId, first: 5) { edges { node {
      employees(first: $first, after: $after, last: $last, before: $before) { ...people }
      units(first: 2) { edges { node { code } } pageInfo { hasNextPage } }
    } } } }
    fragment people on EmployeeConnection { edges { node { name agency { id } } } pageInfo { hasNextPage endCursor startCursor } }`;
  const names = ({ edges }: { edges: { node: { name: string } }[] }) => edges.map(({ node }) => node.name);

  /** An agency with agreements that name as many people and units each. */
  async function sharing({ agreements, people }: { agreements: number; people: number }) {
    const where = await agency();
    const make = <T>(one: (n: number) => Promise<T>) => Promise.all(Array.from({ length: people }, (_, n) => one(n)));
    const employeeIds = await make((n) => person(where, { name: `Orang ${String.fromCharCode(97 + n)}` }));
    const unitIds = await make((n) => unit(where, { code: `U${n}` }));
    for (let n = 0; n < agreements; n += 1) await signed(OFFICER, { agencyId: where, employeeIds, unitIds });
    return where;
  }
  const named = async (agencyId: string, page: object) =>
    (await ask(OFFICER, NAMED, { agencyId, ...page })).agreements.edges[0].node;

  test('are read a page at a time: people by name, units by code, from either end', async () => {
    const where = await sharing({ agreements: 1, people: 5 });
    const { employees: first, units } = await named(where, { first: 2 });
    expect([names(first), first.pageInfo.hasNextPage]).toEqual([['Orang a', 'Orang b'], true]);
    expect(units).toEqual({
      edges: [{ node: { code: 'U0' } }, { node: { code: 'U1' } }],
      pageInfo: { hasNextPage: true },
    });
    const { employees: rest } = await named(where, { first: 100, after: first.pageInfo.endCursor });
    expect([names(rest), rest.pageInfo.hasNextPage]).toEqual([['Orang c', 'Orang d', 'Orang e'], false]);
    const { employees: back } = await named(where, { last: 1, before: rest.pageInfo.startCursor });
    expect(names(back)).toEqual(['Orang b']);
    const { errors } = await graph(OFFICER, NAMED, { agencyId: where, first: 101 });
    expect(errors![0]!.extensions['code']).toBe('PAGE_TOO_LARGE');
  });

  test('take as many statements for many agreements and people as for one', async () => {
    const [few, many] = [await sharing({ agreements: 1, people: 1 }), await sharing({ agreements: 4, people: 12 })];
    const reading = (agencyId: string) => statements(() => ask(OFFICER, NAMED, { agencyId, first: 100 }));
    expect(await reading(many)).toBe(await reading(few));
  });
});

test('nobody shares their own record', async () => {
  const officer = await person(agencyId);
  await act(SYSTEM, 'grantRole', { employeeId: officer, role: 'HR', agencyId, validFrom: '2026-01-01' }, '__typename');
  const own = agreement({ employeeIds: [officer.toUpperCase()] });
  expect(await refused(employee(officer), 'signAgreement', own)).toBe('FORBIDDEN employeeIds');
});

test('the same key signs once', async () => {
  const input = agreement({ clientId: 'once', employeeIds: [await person(agencyId)], idempotencyKey: randomUUID() });
  const first = await act(OFFICER, 'signAgreement', input, 'agreement { id }');
  expect(await act(OFFICER, 'signAgreement', input, 'agreement { id }')).toEqual(first);
  expect(await refused(OFFICER, 'signAgreement', { ...input, purpose: 'Lain' })).toMatch(/^IDEMPOTENCY_KEY_REUSED/);
});

test.each<[string, () => Promise<object>, string]>([
  ['about nobody', async () => ({}), 'AGREEMENT_NAMES_NOBODY employeeIds'],
  ['about an unknown person', async () => ({ employeeIds: [randomUUID()] }), 'EMPLOYEE_NOT_FOUND employeeIds'],
  ['about what is no id', async () => ({ employeeIds: ['Ani'] }), 'INVALID_ID employeeIds'],
  [
    'about another agency’s person',
    async () => ({ employeeIds: [await person(await agency())] }),
    'NOT_EMPLOYED employeeIds',
  ],
  ['about an unknown unit', async () => ({ unitIds: [randomUUID()] }), 'UNIT_NOT_FOUND unitIds'],
  ['about another agency’s unit', async () => ({ unitIds: [await unit(await agency())] }), 'UNIT_OTHER_AGENCY unitIds'],
  [
    'about 1,001 people',
    async () => ({ employeeIds: Array.from({ length: 1001 }, () => randomUUID()) }),
    'TOO_MANY_ROWS employeeIds',
  ],
  ['without a client', async () => ({ clientId: ' ', unitIds: [await unit(agencyId)] }), 'TEXT_REQUIRED clientId'],
  ['for no purpose', async () => ({ purpose: '', unitIds: [await unit(agencyId)] }), 'TEXT_REQUIRED purpose'],
  ['by no decree', async () => ({ decreeNumber: '', unitIds: [await unit(agencyId)] }), 'TEXT_REQUIRED decreeNumber'],
  [
    'by a decree of tomorrow',
    async () => ({ decreeDate: '2026-11-23', unitIds: [await unit(agencyId)] }),
    'DECREE_IN_FUTURE decreeDate',
  ],
  [
    'that ends before it begins',
    async () => ({ validTo: '2025-12-31', unitIds: [await unit(agencyId)] }),
    'INTERVAL_REVERSED validTo',
  ],
])('an agreement %s is refused', async (_, over, code) => {
  expect(await refused(OFFICER, 'signAgreement', agreement(await over()))).toBe(code);
});
