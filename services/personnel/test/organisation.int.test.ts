import { randomUUID } from 'node:crypto';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { employee, OFFICER, personnel, SYSTEM } from './personnel.js';

const { act, refused, ask, agency, unit, position, person, assign, events, database } = personnel();

const unitOf = async (id: string) =>
  (
    await ask(
      PUBLIC,
      `query ($id: ID!) { unit(id: $id) {
        name kind validFrom validTo version parent { id } mergedInto { id } ancestors { id } agency { id }
        before: name(at: "2017-12-31") first: name(at: "2014-12-31")
        children { edges { node { id } } }
      } }`,
      { id },
    )
  ).unit;
const childrenOf = async (id: string) =>
  (await unitOf(id)).children.edges.map((edge: { node: { id: string } }) => edge.node.id);

test('an agency and its units are public, with their events in order', async () => {
  const agencyId = await agency();
  const top = await unit(agencyId, { name: 'Dinas Kependudukan' });
  const below = await unit(agencyId, { name: 'Bidang Layanan', kind: 'BIDANG', parentId: top });
  expect(await unitOf(below)).toMatchObject({
    name: 'Bidang Layanan',
    kind: 'BIDANG',
    parent: { id: top },
    ancestors: [{ id: top }],
    agency: { id: agencyId },
    first: null,
  });
  expect(await childrenOf(top)).toEqual([below]);
  expect(await events(below)).toEqual([
    ['UnitRegistered', { unitId: below, agencyId, parentId: top, name: 'Bidang Layanan', validFrom: '2015-01-01' }],
  ]);
  const listed = await ask(PUBLIC, 'query ($id: ID!) { units(agencyId: $id, top: true) { edges { node { id } } } }', {
    id: agencyId,
  });
  expect(listed.units.edges).toEqual([{ node: { id: top } }]);
});

test('a unit keeps its earlier names', async () => {
  const id = await unit(await agency(), { name: 'Dinas Lama' });
  const renamed = { unitId: id, name: 'Dinas Baru', validFrom: '2018-01-01' };
  expect(await act(OFFICER, 'renameUnit', renamed, 'unit { name version }')).toEqual({
    unit: { name: 'Dinas Baru', version: 2 },
  });
  expect(await unitOf(id)).toMatchObject({ name: 'Dinas Baru', before: 'Dinas Lama', first: null });
  expect(await refused(OFFICER, 'renameUnit', { ...renamed, expectedVersion: 1 })).toBe('CONFLICT expectedVersion');
  expect(await refused(OFFICER, 'renameUnit', { ...renamed, validFrom: '2014-12-31' })).toBe('UNIT_NOT_OPEN validFrom');
});

test('a unit moves, and never under itself', async () => {
  const agencyId = await agency();
  const [a, b] = [await unit(agencyId), await unit(agencyId)];
  const c = await unit(agencyId, { parentId: a });
  await act(OFFICER, 'moveUnit', { unitId: c, parentId: b, validFrom: '2020-01-01' }, '__typename');
  expect(await unitOf(c)).toMatchObject({ ancestors: [{ id: b }] });
  await act(OFFICER, 'moveUnit', { unitId: a, parentId: c, validFrom: '2021-01-01' }, '__typename');
  expect(await unitOf(a)).toMatchObject({ ancestors: [{ id: c }, { id: b }] });
  // From 2021 on `a` lies under `c`, which lies under `b`: `b` under `a` would close the circle then, not in 2019.
  expect(await refused(OFFICER, 'moveUnit', { unitId: b, parentId: a, validFrom: '2019-01-01' })).toBe(
    'UNIT_CYCLE parentId',
  );
  expect(await refused(OFFICER, 'moveUnit', { unitId: b, parentId: b, validFrom: '2019-01-01' })).toBe(
    'UNIT_CYCLE parentId',
  );
  await act(OFFICER, 'moveUnit', { unitId: a, parentId: null, validFrom: '2022-01-01' }, '__typename');
  expect(await unitOf(a)).toMatchObject({ parent: null, ancestors: [] });
});

test('of many moves at once that would make a circle together, some are refused', async () => {
  const agencyId = await agency();
  const units = await Promise.all(Array.from({ length: 6 }, () => unit(agencyId)));
  const moves = units.map((unitId, i) =>
    act(OFFICER, 'moveUnit', { unitId, parentId: units[(i + 1) % 6], validFrom: '2020-01-01' }, '__typename'),
  );
  const results = await Promise.allSettled(moves);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
});

test('a unit that goes up in another ends the day before, and its units follow', async () => {
  const agencyId = await agency();
  const [old, into] = [await unit(agencyId), await unit(agencyId)];
  const child = await unit(agencyId, { parentId: old });
  const merger = { unitId: old, intoUnitId: into, validFrom: '2022-07-01' };
  expect(await refused(OFFICER, 'mergeUnit', { ...merger, intoUnitId: child })).toBe('UNIT_CYCLE parentId');
  await act(OFFICER, 'mergeUnit', merger, '__typename');
  expect(await unitOf(old)).toMatchObject({ validTo: '2022-06-30', mergedInto: { id: into } });
  expect(await unitOf(child)).toMatchObject({ parent: { id: into } });
  expect((await events(old)).at(-1)).toEqual(['UnitMerged', merger]);
  expect((await events(child)).at(-1)).toEqual([
    'UnitMoved',
    { unitId: child, parentId: into, validFrom: '2022-07-01' },
  ]);
  expect(await refused(OFFICER, 'moveUnit', { unitId: old, validFrom: '2022-07-01' })).toBe('UNIT_NOT_OPEN validFrom');
  expect(await refused(OFFICER, 'moveUnit', { unitId: child, parentId: old, validFrom: '2023-01-01' })).toBe(
    'UNIT_NOT_OPEN parentId',
  );
});

test('a unit closes when nobody is left in it', async () => {
  const agencyId = await agency();
  const id = await unit(agencyId);
  const child = await unit(agencyId, { parentId: id });
  const close = { unitId: id, validTo: '2024-12-31' };
  expect(await refused(OFFICER, 'closeUnit', close)).toBe('UNIT_HAS_CHILDREN');
  await act(OFFICER, 'closeUnit', { ...close, unitId: child }, '__typename');
  const held = await assign(await person(agencyId), await position(id));
  expect(await refused(OFFICER, 'closeUnit', close)).toBe('UNIT_HAS_HOLDERS validTo');
  await act(OFFICER, 'endAssignment', { assignmentId: held, validTo: '2024-12-31' }, '__typename');
  await act(OFFICER, 'closeUnit', close, '__typename');
  expect((await events(id)).at(-1)).toEqual(['UnitClosed', { unitId: id, validTo: '2024-12-31' }]);
  const { units } = await ask(PUBLIC, 'query ($id: ID!) { units(agencyId: $id) { edges { node { id } } } }', {
    id: agencyId,
  });
  expect(units.edges).toEqual([]);
});

test('a unit that closes while people are appointed in it closes without them, or not at all', async () => {
  const agencyId = await agency();
  for (let round = 0; round < 5; round += 1) {
    const id = await unit(agencyId);
    const [positionId, employeeId] = [await position(id), await person(agencyId)];
    const [closed, appointed] = await Promise.allSettled([
      act(OFFICER, 'closeUnit', { unitId: id, validTo: '2024-12-31' }, '__typename'),
      assign(employeeId, positionId),
    ]);
    expect([closed.status, appointed.status].sort()).toEqual(['fulfilled', 'rejected']);
  }
});

test('the public learns who leads a department, and not who leads a division', async () => {
  const agencyId = await agency();
  const [dinas, bidang] = [await unit(agencyId), await unit(agencyId, { kind: 'BIDANG' })];
  for (const unitId of [dinas, bidang]) {
    const leading = await position(unitId, { title: 'Kepala', kind: 'ADMINISTRATOR', leading: true });
    await assign(await person(agencyId, { name: 'Cut Nyak' }), leading, { kind: 'PLT' });
  }
  const headOf = async (id: string) =>
    (await ask(PUBLIC, 'query ($id: ID!) { unit(id: $id) { head { name title } } }', { id })).unit.head;
  expect(await headOf(dinas)).toEqual({ name: 'Cut Nyak', title: 'Plt. Kepala' });
  expect(await headOf(bidang)).toBeNull();
  expect(await headOf(await unit(agencyId))).toBeNull();
});

test('who may set up what', async () => {
  const agencyId = await agency();
  const other = (await act(SYSTEM, 'registerAgency', { name: 'Kabupaten Lain' }, 'agency { id timeZone }')).agency;
  expect(other.timeZone).toBe('Asia/Jakarta');
  const colleague = employee(await person(agencyId));
  const input = { agencyId, code: 'x', name: 'X', kind: 'SEKSI', validFrom: '2020-01-01' };
  expect(await refused(colleague, 'registerUnit', input)).toBe('FORBIDDEN');
  expect(await refused(PUBLIC, 'registerUnit', input)).toBe('FORBIDDEN');
  expect(await refused(OFFICER, 'registerUnit', { ...input, agencyId: other.id })).toBe('FORBIDDEN');
  expect(await refused(OFFICER, 'registerAgency', { name: 'Kota Baru' })).toBe('FORBIDDEN');
  expect(await refused(colleague, 'createPosition', { unitId: await unit(agencyId), title: 'X', kind: 'JPT' })).toBe(
    'FORBIDDEN',
  );
});

describe('bad input', () => {
  let agencyId: string;
  let unitId: string;
  beforeAll(async () => {
    agencyId = await agency();
    unitId = await unit(agencyId, { code: '1.01' });
  });
  const valid = { code: 'n', name: 'N', kind: 'SEKSI', validFrom: '2020-01-01' };

  test.each<[string, object, string]>([
    ['a date that does not exist', { validFrom: '2020-02-30' }, 'BAD_USER_INPUT validFrom'],
    ['a kind that does not exist', { kind: 'KANTOR' }, 'BAD_USER_INPUT kind'],
    ['no name', { name: '   ' }, 'TEXT_REQUIRED name'],
    ['a name of 1 MB', { name: 'x'.repeat(1_000_000) }, 'TEXT_TOO_LONG name'],
    ['a null byte', { name: 'Dinas\0' }, 'TEXT_INVALID name'],
    ['a code that is taken', { code: '1.01' }, 'UNIT_CODE_TAKEN code'],
    ['an unknown parent', { parentId: randomUUID() }, 'UNIT_NOT_FOUND parentId'],
    ['a parent that is no id', { parentId: '1.01' }, 'INVALID_ID parentId'],
  ])('%s is refused, and nothing is left of it', async (_, wrong, code) => {
    const count = async () =>
      (await database.db.query('select (select count(*) from unit) u, (select count(*) from outbox) o'))[0];
    const before = await count();
    expect(await refused(OFFICER, 'registerUnit', { ...valid, agencyId, ...wrong })).toBe(code);
    expect(await count()).toEqual(before);
  });

  test('ids that nobody has, or that are of something else', async () => {
    expect(await refused(SYSTEM, 'registerUnit', { ...valid, agencyId: unitId })).toBe('AGENCY_NOT_FOUND agencyId');
    expect(await refused(OFFICER, 'renameUnit', { unitId: agencyId, name: 'x', validFrom: '2020-01-01' })).toBe(
      'UNIT_NOT_FOUND unitId',
    );
    const nothing = await ask(PUBLIC, 'query ($id: ID!) { unit(id: $id) { id } agency(id: $id) { id } }', {
      id: randomUUID(),
    });
    expect(nothing).toEqual({ unit: null, agency: null });
    const { agencyId: other, parent } = { agencyId: await agency(), parent: unitId };
    expect(await refused(OFFICER, 'registerUnit', { ...valid, agencyId: other, parentId: parent })).toBe(
      'UNIT_OTHER_AGENCY parentId',
    );
  });

  test('an agency of a name that is there, or of no time zone', async () => {
    await act(SYSTEM, 'registerAgency', { name: 'Kota Sama' }, '__typename');
    expect(await refused(SYSTEM, 'registerAgency', { name: 'KOTA SAMA' })).toBe('AGENCY_EXISTS name');
    for (const timeZone of ['WIB/Jakarta', '+07:00', '']) {
      expect(await refused(SYSTEM, 'registerAgency', { name: 'Kota Jam', timeZone })).toBe(
        'TIME_ZONE_UNKNOWN timeZone',
      );
    }
  });

  test('a second position that leads, or of the same title', async () => {
    await position(unitId, { title: 'Kepala', kind: 'JPT', leading: true });
    const input = { unitId, title: 'kepala', kind: 'JPT' };
    expect(await refused(OFFICER, 'createPosition', input)).toBe('POSITION_EXISTS title');
    expect(await refused(OFFICER, 'createPosition', { ...input, title: 'Ketua', leading: true })).toBe(
      'UNIT_HAS_LEADER leading',
    );
  });
});

test('entities are found by the keys that other services have', async () => {
  const agencyId = await agency();
  const unitId = await unit(agencyId, { name: 'Dinas Kesehatan' });
  const positionId = await position(unitId, { title: 'Perawat' });
  const id = await person(agencyId, { name: 'Budi' });
  const of = (__typename: string, id: string) => ({ __typename, id });
  const { _entities } = await ask(
    OFFICER,
    `query ($keys: [_Any!]!) { _entities(representations: $keys) {
      ... on Unit { unitName: name } ... on Agency { timeZone } ... on Position { title } ... on Employee { name }
    } }`,
    {
      keys: [
        of('Unit', unitId),
        of('Agency', agencyId),
        of('Position', positionId),
        of('Employee', id),
        of('Employee', unitId),
        of('Unit', 'no id'),
      ],
    },
  );
  expect(_entities).toEqual([
    { unitName: 'Dinas Kesehatan' },
    { timeZone: 'Asia/Jakarta' },
    { title: 'Perawat' },
    { name: 'Budi' },
    null,
    null,
  ]);
});
