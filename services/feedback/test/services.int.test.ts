import { fromBinary } from '@bufbuild/protobuf';
import { outboxOf } from '@merit/chassis/testing';
import { ServiceRegisteredSchema } from '@merit/proto/feedback';
import { binjai, codes, feedbackTown, people, standard, statementsOf, units } from './town.js';

const { database, ask, service } = feedbackTown();

const REGISTER = `mutation ($input: RegisterServiceInput!) {
  registerService(input: $input) { service { id code name version unit { id }
    standards { name requirements limit { quantity unit } fee } } } }`;
const UPDATE = `mutation ($input: UpdateServiceInput!) { updateService(input: $input) { service { name version standards { fee } } } }`;
const IMPORT = `mutation ($input: ImportServicesInput!) {
  importServices(input: $input) { imported unchanged problems { row field code } } }`;

const ktp = { unitId: units.disdukcapil, code: 'KTP-EL', name: 'KTP elektronik', standards: [standard] };

test('a personnel officer enters a service, and everyone hears of it', async () => {
  const { data, errors } = await ask(people.hr, REGISTER, { input: ktp });
  expect(errors).toBeUndefined();
  const { id, ...rest } = data.registerService.service;
  expect(rest).toEqual({
    code: 'KTP-EL',
    name: 'KTP elektronik',
    version: 1,
    unit: { id: units.disdukcapil },
    standards: [standard],
  });
  const events = await outboxOf(database.db, id);
  expect(events).toMatchObject([{ type: 'merit.feedback.v1.ServiceRegistered', seq: 1, key: id }]);
  expect(fromBinary(ServiceRegisteredSchema, events[0]!.payload)).toMatchObject({
    serviceId: id,
    unitId: units.disdukcapil,
    name: 'KTP elektronik',
  });
});

test('the same request twice is one service; the code again is taken', async () => {
  const input = { ...ktp, code: 'KK', idempotencyKey: 'k1' };
  const first = await ask(people.hr, REGISTER, { input });
  const again = await ask(people.hr, REGISTER, { input });
  expect(again).toEqual(first);
  expect(codes(await ask(people.hr, REGISTER, { input: { ...input, name: 'Other' } }))).toEqual([
    'IDEMPOTENCY_KEY_REUSED idempotencyKey',
  ]);
  expect(codes(await ask(people.hr, REGISTER, { input: { ...ktp, code: 'KK' } }))).toEqual(['SERVICE_CODE_TAKEN code']);
});

test.each(['public', 'colleague', 'clerk', 'admin'] as const)('%s enters none', async (who) => {
  expect(codes(await ask(people[who], REGISTER, { input: { ...ktp, code: 'X' } }))).toEqual(['FORBIDDEN']);
});

test("a personnel officer enters none for another agency's unit", async () => {
  expect(codes(await ask(people.hr, REGISTER, { input: { ...ktp, unitId: units.simeulue } }))).toEqual(['FORBIDDEN']);
});

test.each([
  ['an id that is none', { unitId: 'x' }, 'INVALID_ID unitId'],
  ['an empty name', { name: ' ' }, 'TEXT_REQUIRED name'],
  ['a megabyte of name', { name: 'x'.repeat(1_000_000) }, 'TEXT_TOO_LONG name'],
  ['a null byte', { name: 'a\u0000b' }, 'TEXT_INVALID name'],
  ['a code with spaces', { code: 'a b' }, 'CODE_INVALID code'],
  [
    'a limit of none',
    { standards: [{ ...standard, limit: { quantity: 0, unit: 'DAYS' } }] },
    'LIMIT_OUT_OF_RANGE standards',
  ],
  ['a fee below nothing', { standards: [{ ...standard, fee: -1 }] }, 'FEE_OUT_OF_RANGE standards'],
  ['too many standards', { standards: Array.from({ length: 51 }, () => standard) }, 'TOO_MANY_STANDARDS standards'],
])('%s is refused and nothing is written', async (_, over, code) => {
  const before = await outboxOf(database.db);
  expect(codes(await ask(people.system, REGISTER, { input: { ...ktp, code: 'BAD', ...over } }))).toEqual([code]);
  expect(await outboxOf(database.db)).toEqual(before);
});

test('an emoji and right-to-left text are text', async () => {
  const { data } = await ask(people.hr, REGISTER, { input: { ...ktp, code: 'EMOJI', name: 'Akta 👶 شهادة' } });
  expect(data.registerService.service.name).toBe('Akta 👶 شهادة');
});

test('of two changes made from one version, one wins', async () => {
  const serviceId = await service('UPD');
  const change = { serviceId, name: 'Baru', standards: [{ ...standard, fee: 5000 }], expectedVersion: 1 };
  const { data } = await ask(people.hr, UPDATE, { input: change });
  expect(data.updateService.service).toEqual({ name: 'Baru', version: 2, standards: [{ fee: 5000 }] });
  expect(codes(await ask(people.hr, UPDATE, { input: change }))).toEqual(['CONFLICT expectedVersion']);
  const said = (await outboxOf(database.db, serviceId)).map(({ type }) => type.split('.').at(-1));
  expect(said).toEqual(['ServiceRegistered', 'ServiceChanged']);
});

describe('an import of services', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    ...ktp,
    code: `IMP-${String(i).padStart(4, '0')}`,
    name: `Layanan ${i}`,
  }));
  const run = (over: object = {}, viewer = people.hr) =>
    ask(viewer, IMPORT, { input: { agencyId: binjai, rows, ...over } });
  const written = async () => (await database.db.query(`select 1 from public_service where code like 'IMP-%'`)).length;

  test('first only says what would happen', async () => {
    const { data } = await run({ validateOnly: true });
    expect(data.importServices).toEqual({ imported: 1000, unchanged: 0, problems: [] });
    expect(await written()).toBe(0);
  });

  test('is for the personnel office', async () => {
    expect(codes(await run({}, people.clerk))).toEqual(['FORBIDDEN']);
  });

  test('enters a thousand at once, and the same again changes nothing', async () => {
    const { data } = await run();
    expect(data.importServices).toEqual({ imported: 1000, unchanged: 0, problems: [] });
    const events = await outboxOf(database.db);
    const again = await run();
    expect(again.data.importServices).toEqual({ imported: 0, unchanged: 1000, problems: [] });
    expect(await outboxOf(database.db)).toHaveLength(events.length);
    expect(await written()).toBe(1000);
  });

  test('takes as many statements for a thousand as for ten', async () => {
    const few = await statementsOf(database.db, () =>
      run({ rows: rows.slice(0, 10).map((row) => ({ ...row, code: `T${row.code}` })) }),
    );
    const many = await statementsOf(database.db, () =>
      run({ rows: rows.map((row) => ({ ...row, code: `M${row.code}` })) }),
    );
    expect(many).toBe(few);
  });

  test('names each row at fault, and then writes none', async () => {
    const bad = [
      { ...ktp, code: 'IMP-NEW' },
      { ...rows[0]!, name: 'Lain' },
      { ...ktp, code: 'IMP-X', unitId: units.simeulue },
      { ...ktp, code: 'IMP-NEW', name: 'Lain' },
      { ...ktp, code: '', name: 'x' },
    ];
    const { data } = await run({ rows: bad });
    expect(data.importServices.problems).toEqual([
      { row: 1, field: 'code', code: 'SERVICE_EXISTS' },
      { row: 2, field: 'unitId', code: 'UNIT_NOT_FOUND' },
      { row: 3, field: 'code', code: 'ROW_REPEATED' },
      { row: 4, field: 'code', code: 'TEXT_REQUIRED' },
    ]);
    expect(await written()).toBe(1000);
  });

  test('has a thousand rows at most', async () => {
    expect(codes(await run({ rows: [...rows, rows[0]!] }))).toEqual(['TOO_MANY_ROWS rows']);
  });
});

describe("a unit's services", () => {
  const ENTITIES = `query ($refs: [_Any!]!, $first: Int, $after: String, $last: Int, $before: String) {
    _entities(representations: $refs) { ... on Unit { id services(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } } }`;
  const refs = (...ids: string[]) => ids.map((id) => ({ __typename: 'Unit', id }));
  const names = (unit: { services: { edges: { node: { name: string } }[] } }) =>
    unit.services.edges.map(({ node }) => node.name);

  beforeAll(async () => {
    for (const code of ['C', 'A', 'B']) await service(code, units.simeulue);
    await service('Z', units.jayapura);
  });

  test('come by name, page by page, for anyone', async () => {
    const first = await ask(people.public, ENTITIES, { refs: refs(units.simeulue), first: 2 });
    const [unit] = first.data._entities;
    expect(names(unit)).toEqual(['Layanan A', 'Layanan B']);
    expect(unit.services.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const next = await ask(people.public, ENTITIES, {
      refs: refs(units.simeulue),
      first: 2,
      after: unit.services.pageInfo.endCursor,
    });
    expect(names(next.data._entities[0])).toEqual(['Layanan C']);
    const back = await ask(people.public, ENTITIES, {
      refs: refs(units.simeulue),
      last: 1,
      before: next.data._entities[0].services.pageInfo.startCursor,
    });
    expect(names(back.data._entities[0])).toEqual(['Layanan B']);
  });

  test('come for many units at once, and an unknown unit is null', async () => {
    const unknown = '00000000-0000-7000-8000-000000000000';
    const { data } = await ask(people.public, ENTITIES, {
      refs: refs(units.simeulue, unknown, 'x', units.jayapura),
      first: 5,
    });
    expect(data._entities.map((unit: never) => unit && names(unit))).toEqual([
      ['Layanan A', 'Layanan B', 'Layanan C'],
      null,
      null,
      ['Layanan Z'],
    ]);
  });

  test.each([
    [{ first: 101 }, 'PAGE_TOO_LARGE first'],
    [{ first: 0 }, 'BAD_USER_INPUT first'],
    [{ after: 'x' }, 'INVALID_CURSOR after'],
  ])('are not paged by %p', async (page, code) => {
    expect(codes(await ask(people.public, ENTITIES, { refs: refs(units.simeulue), ...page }))).toEqual([code]);
  });
});

test('a service is found by its id by anyone, and is an entity of the graph', async () => {
  const id = await service('ENT');
  const { data } = await ask(
    people.public,
    `query ($id: ID!, $refs: [_Any!]!) { publicService(id: $id) { name } _entities(representations: $refs) { ... on PublicService { code } } }`,
    {
      id,
      refs: [
        { __typename: 'PublicService', id },
        { __typename: 'PublicService', id: units.city },
      ],
    },
  );
  expect(data).toEqual({ publicService: { name: 'Layanan ENT' }, _entities: [{ code: 'ENT' }, null] });
});
