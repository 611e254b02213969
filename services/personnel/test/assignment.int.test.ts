import { randomUUID } from 'node:crypto';
import { employee, OFFICER, personnel } from './personnel.js';

const { act, refused, ask, graph, agency, unit, position, person, assign, events, database } = personnel();

let agencyId: string;
beforeAll(async () => {
  agencyId = await agency();
});
const leader = async (unitId: string, name: string, over: object = {}) => {
  const id = await person(agencyId, { name });
  await assign(id, await leadingOf(unitId), over);
  return id;
};
const leadingOf = async (unitId: string): Promise<string> => {
  const [found] = await database.db.query('select id from position where unit_id = $1 and is_leading', [unitId]);
  return found?.id ?? position(unitId, { title: 'Kepala', kind: 'ADMINISTRATOR', leading: true });
};
const member = async (unitId: string) => {
  const id = await person(agencyId);
  await assign(id, await position(unitId));
  return id;
};
const supervisorOf = async (id: string, at: string) =>
  (
    await ask(OFFICER, 'query ($id: ID!, $at: LocalDate) { employee(id: $id) { supervisor(at: $at) { id } } }', {
      id,
      at,
    })
  ).employee.supervisor?.id ?? null;
const decree = { kind: 'DEFINITIF', validFrom: '2020-01-01', decreeNumber: '821/1', decreeDate: '2019-12-20' };

test('an appointment is known to all from its first day, and its decree stays here', async () => {
  const unitId = await unit(agencyId, { name: 'Dinas Perhubungan' });
  const [id, positionId] = [await person(agencyId), await position(unitId, { title: 'Penguji Kendaraan' })];
  const assignmentId = await assign(id, positionId, { validFrom: '2018-05-01' });
  const at = (date: string) =>
    ask(
      OFFICER,
      'query ($id: ID!, $at: LocalDate) { employee(id: $id) { position(at: $at) { title leading kind } unit(at: $at) { name } } }',
      { id, at: date },
    );
  expect((await at('2018-04-30')).employee).toEqual({ position: null, unit: null });
  expect((await at('2018-05-01')).employee).toEqual({
    position: { title: 'Penguji Kendaraan', leading: false, kind: 'PELAKSANA' },
    unit: { name: 'Dinas Perhubungan' },
  });
  const [name, content] = (await events(id))[1]!;
  expect(name).toBe('PositionAssigned');
  expect(content).toMatchObject({
    assignmentId,
    positionId,
    unitId,
    leading: false,
    kind: 1,
    validFrom: '2018-05-01',
    positionTitle: 'Penguji Kendaraan',
  });
  expect(JSON.stringify(content, (_, part) => (typeof part === 'bigint' ? Number(part) : part))).not.toContain(
    '800/1/2016',
  );
});

test('the definitive position comes before any other', async () => {
  const [own, other] = [await unit(agencyId, { name: 'Sendiri' }), await unit(agencyId, { name: 'Lain' })];
  const id = await member(own);
  await assign(id, await leadingOf(other), { kind: 'PLT', validFrom: '2024-01-01' });
  const { employee: found } = await ask(
    OFFICER,
    `query ($id: ID!) { employee(id: $id) { unit { name }
    positionAssignments(first: 1) { edges { node { kind position { unit { name } } decreeNumber } } pageInfo { hasNextPage } } } }`,
    { id },
  );
  expect(found.unit.name).toBe('Sendiri');
  expect(found.positionAssignments).toEqual({
    edges: [{ node: { kind: 'PLT', position: { unit: { name: 'Lain' } }, decreeNumber: '800/1/2016' } }],
    pageInfo: { hasNextPage: true },
  });
});

test('a leading position has one definitive holder, also when ten are appointed at once', async () => {
  const positionId = await leadingOf(await unit(agencyId));
  const people = await Promise.all(Array.from({ length: 10 }, () => person(agencyId)));
  const results = await Promise.allSettled(people.map((id) => assign(id, positionId)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? String(result.reason) : []));
  expect(reasons.every((reason) => reason.includes('POSITION_HELD'))).toBe(true);
  await assign(people[0]!, positionId, { kind: 'PLH', validFrom: '2025-01-01', validTo: '2025-01-10' }).catch(() =>
    assign(people[1]!, positionId, { kind: 'PLH', validFrom: '2025-01-01', validTo: '2025-01-10' }),
  );
});

test('a person holds one definitive position; the next one may end it', async () => {
  const unitId = await unit(agencyId);
  const id = await person(agencyId);
  const first = await assign(id, await position(unitId), { validFrom: '2016-01-04' });
  const next = { employeeId: id, positionId: await position(unitId), ...decree };
  expect(await refused(OFFICER, 'assignPosition', next)).toBe('EMPLOYEE_HOLDS_POSITION validFrom');
  await act(OFFICER, 'assignPosition', { ...next, endPrevious: true }, '__typename');
  expect((await events(id)).slice(2).map(([name]) => name)).toEqual(['AssignmentEnded', 'PositionAssigned']);
  expect((await events(id))[2]![1]).toMatchObject({ assignmentId: first, validTo: '2019-12-31' });
  expect(await refused(OFFICER, 'assignPosition', { ...next, kind: 'RANGKAP' })).toBe('ASSIGNMENT_OVERLAPS validFrom');
  expect(await refused(OFFICER, 'endAssignment', { assignmentId: first, validTo: '2020-06-30' })).toBe(
    'ASSIGNMENT_ENDED validTo',
  );
  expect(await refused(OFFICER, 'endAssignment', { assignmentId: first, validTo: '2015-12-31' })).toBe(
    'ASSIGNMENT_ENDS_BEFORE_START validTo',
  );
});

test.each<[string, object, string]>([
  ['before the service', { validFrom: '2015-02-28' }, 'NOT_EMPLOYED validFrom'],
  ['with its days reversed', { validTo: '2019-12-31' }, 'INTERVAL_REVERSED validTo'],
  ['by a decree of tomorrow', { decreeDate: '2026-11-23' }, 'DECREE_IN_FUTURE decreeDate'],
  ['without a decree', { decreeNumber: ' ' }, 'TEXT_REQUIRED decreeNumber'],
  ['to nothing', { positionId: randomUUID() }, 'POSITION_NOT_FOUND positionId'],
  ['of nobody', { employeeId: randomUUID() }, 'EMPLOYEE_NOT_FOUND employeeId'],
  ['of something that is no id', { employeeId: '198506152010031001' }, 'INVALID_ID employeeId'],
])('an appointment %s is refused', async (_, wrong, code) => {
  const input = { employeeId: await person(agencyId), positionId: await position(await unit(agencyId)), ...decree };
  expect(await refused(OFFICER, 'assignPosition', { ...input, ...wrong })).toBe(code);
});

test('an annulled appointment never was, and its position is free', async () => {
  const positionId = await leadingOf(await unit(agencyId));
  const [wrong, right] = [await person(agencyId), await person(agencyId)];
  const assignmentId = await assign(wrong, positionId);
  const annul = { assignmentId, reason: 'SK dibatalkan' };
  await act(OFFICER, 'annulAssignment', annul, 'assignment { annulledAt }');
  expect(await refused(OFFICER, 'annulAssignment', annul)).toBe('ASSIGNMENT_ANNULLED');
  expect(await refused(OFFICER, 'endAssignment', { assignmentId, validTo: '2025-12-31' })).toBe('ASSIGNMENT_ANNULLED');
  expect(await refused(OFFICER, 'annulAssignment', { ...annul, assignmentId: wrong })).toBe(
    'ASSIGNMENT_NOT_FOUND assignmentId',
  );
  await assign(right, positionId);
  expect((await events(wrong)).at(-1)![0]).toBe('AssignmentAnnulled');
});

describe('the supervisor', () => {
  test('is who leads the unit, else the unit above, never oneself', async () => {
    const dinas = await unit(agencyId);
    const bidang = await unit(agencyId, { kind: 'BIDANG', parentId: dinas });
    const [kadis, kabid, staff] = [await leader(dinas, 'Kadis'), await leader(bidang, 'Kabid'), await member(bidang)];
    expect(await supervisorOf(staff, '2020-01-01')).toBe(kabid);
    expect(await supervisorOf(kabid, '2020-01-01')).toBe(kadis);
    expect(await supervisorOf(kadis, '2020-01-01')).toBeNull();
    expect(await supervisorOf(staff, '2015-12-31')).toBeNull();
  });

  test('follows every reorganisation from its day, and stays what it was before', async () => {
    const [dinas, badan] = [await unit(agencyId), await unit(agencyId)];
    const bidang = await unit(agencyId, { kind: 'BIDANG', parentId: dinas });
    const [kadis, kaban, kabid, staff] = [
      await leader(dinas, 'Kadis'),
      await leader(badan, 'Kaban'),
      await leader(bidang, 'Kabid', { validTo: '2019-12-31' }),
      await member(bidang),
    ];
    expect(await supervisorOf(staff, '2019-12-31')).toBe(kabid);
    expect(await supervisorOf(staff, '2020-01-01')).toBe(kadis);
    await act(OFFICER, 'moveUnit', { unitId: bidang, parentId: badan, validFrom: '2021-01-01' }, '__typename');
    expect([await supervisorOf(staff, '2020-12-31'), await supervisorOf(staff, '2021-01-01')]).toEqual([kadis, kaban]);
    const acting = await leader(bidang, 'Plt', { kind: 'PLT', validFrom: '2022-01-01', validTo: '2022-06-30' });
    expect([await supervisorOf(staff, '2022-06-30'), await supervisorOf(staff, '2022-07-01')]).toEqual([acting, kaban]);
    await act(OFFICER, 'mergeUnit', { unitId: badan, intoUnitId: dinas, validFrom: '2023-01-01' }, '__typename');
    expect([await supervisorOf(staff, '2022-12-31'), await supervisorOf(staff, '2023-01-01')]).toEqual([kaban, kadis]);
    await act(OFFICER, 'recordLeaving', { employeeId: kadis, lastDay: '2024-12-31' }, '__typename');
    expect([await supervisorOf(staff, '2024-12-31'), await supervisorOf(staff, '2025-01-01')]).toEqual([kadis, null]);
  });

  test('may be set by hand with a reason, and taken back', async () => {
    const bidang = await unit(agencyId);
    const [kabid, staff, mentor] = [await leader(bidang, 'Kabid'), await member(bidang), await person(agencyId)];
    const set = {
      employeeId: staff,
      supervisorId: mentor,
      validFrom: '2024-01-01',
      validTo: '2024-12-31',
      reason: 'tim khusus',
    };
    const { override } = await act(OFFICER, 'overrideSupervisor', set, 'override { id supervisor { id } reason }');
    expect(override).toMatchObject({ supervisor: { id: mentor }, reason: 'tim khusus' });
    expect([await supervisorOf(staff, '2024-01-01'), await supervisorOf(staff, '2025-01-01')]).toEqual([mentor, kabid]);
    expect((await events(staff)).at(-1)![1]).toMatchObject({
      overrideId: override.id,
      supervisorId: mentor,
      validFrom: '2024-01-01',
      validTo: '2024-12-31',
    });
    expect(
      JSON.stringify(await database.db.query('select payload::text from outbox where aggregate_id = $1', [staff])),
    ).not.toContain(Buffer.from('tim khusus').toString('hex'));
    expect(await refused(OFFICER, 'overrideSupervisor', { ...set, validFrom: '2024-06-01' })).toBe(
      'OVERRIDE_OVERLAPS validFrom',
    );
    const back = { overrideId: override.id, reason: 'tim bubar' };
    await act(OFFICER, 'withdrawSupervisorOverride', back, 'override { withdrawnAt }');
    expect(await supervisorOf(staff, '2024-01-01')).toBe(kabid);
    expect((await events(staff)).at(-1)![1].supervisorId).toBeUndefined();
    expect(await refused(OFFICER, 'withdrawSupervisorOverride', back)).toBe('OVERRIDE_WITHDRAWN');
  });

  test('by hand is never oneself, nor someone below, nor nobody', async () => {
    const bidang = await unit(agencyId);
    const [kabid, staff] = [await leader(bidang, 'Kabid'), await member(bidang)];
    const set = { employeeId: kabid, supervisorId: kabid, validFrom: '2024-01-01', reason: 'x' };
    expect(await refused(OFFICER, 'overrideSupervisor', set)).toBe('SUPERVISOR_IS_ONESELF supervisorId');
    expect(await refused(OFFICER, 'overrideSupervisor', { ...set, supervisorId: staff })).toBe(
      'SUPERVISOR_CYCLE supervisorId',
    );
    expect(await refused(OFFICER, 'overrideSupervisor', { ...set, supervisorId: randomUUID() })).toBe(
      'EMPLOYEE_NOT_FOUND supervisorId',
    );
    expect(await refused(OFFICER, 'overrideSupervisor', { ...set, supervisorId: staff, reason: '' })).not.toBe('');
  });
});

test('a supervisor sees when someone is away, and not why', async () => {
  const bidang = await unit(agencyId);
  const [kabid, staff] = [await leader(bidang, 'Kabid'), await member(bidang)];
  const away = { employeeId: staff, awayFrom: '2026-11-20', awayTo: '2026-11-27', kind: 'CUTI_SAKIT' };
  const { availability } = await act(OFFICER, 'recordAvailability', away, 'availability { id kind cancelled }');
  expect(availability).toMatchObject({ kind: 'CUTI_SAKIT', cancelled: false });
  const query = 'query ($id: ID!) { employee(id: $id) { availability { edges { node { awayFrom awayTo kind } } } } }';
  const bySupervisor = await graph(employee(kabid), query, { id: staff });
  const days = { awayFrom: '2026-11-20', awayTo: '2026-11-27' };
  expect(bySupervisor.data.employee.availability.edges).toEqual([{ node: { ...days, kind: null } }]);
  expect(bySupervisor.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  const byOneself = await ask(employee(staff), query, { id: staff });
  expect(byOneself.employee.availability.edges).toEqual([{ node: { ...days, kind: 'CUTI_SAKIT' } }]);
  expect((await events(staff)).at(-1)).toEqual([
    'AvailabilityRecorded',
    { availabilityId: availability.id, employeeId: staff, ...days, cancelled: false },
  ]);

  expect(await refused(OFFICER, 'recordAvailability', { ...away, awayFrom: '2026-11-27', awayTo: '2026-11-30' })).toBe(
    'AWAY_OVERLAPS awayFrom',
  );
  expect(await refused(OFFICER, 'recordAvailability', { ...away, awayTo: '2026-11-19' })).toBe(
    'INTERVAL_REVERSED awayTo',
  );
  expect(await refused(OFFICER, 'recordAvailability', { ...away, awayFrom: '2027-01-01', awayTo: '2127-01-01' })).toBe(
    'AWAY_TOO_LONG awayTo',
  );
  expect(await refused(OFFICER, 'recordAvailability', { ...away, awayFrom: '2014-01-01', awayTo: '2014-01-02' })).toBe(
    'NOT_EMPLOYED awayFrom',
  );
  await act(OFFICER, 'cancelAvailability', { availabilityId: availability.id }, '__typename');
  expect((await events(staff)).at(-1)![1]).toMatchObject({ availabilityId: availability.id, cancelled: true });
  expect(await refused(OFFICER, 'cancelAvailability', { availabilityId: availability.id })).toBe(
    'AVAILABILITY_CANCELLED',
  );
  await act(OFFICER, 'recordAvailability', away, '__typename');
});

test('lists over all years follow the person: who has them now sees them whole, and who had them before no more', async () => {
  const [before, now] = [await unit(agencyId), await unit(agencyId)];
  const [former, boss] = [await leader(before, 'Atasan lama'), await leader(now, 'Atasan baru')];
  const id = await member(before);
  await act(
    OFFICER,
    'recordAvailability',
    { employeeId: id, awayFrom: '2025-03-03', awayTo: '2025-03-04', kind: 'CUTI_TAHUNAN' },
    '__typename',
  );
  await act(
    OFFICER,
    'assignService',
    { employeeId: id, serviceId: randomUUID(), validFrom: '2020-01-01' },
    '__typename',
  );
  const LISTS = `query ($id: ID!) { employee(id: $id) { positionAssignments { edges { cursor } }
    availability { edges { cursor } } serviceAssignments { edges { cursor } } } }`;
  const seenBy = async (viewer: string): Promise<Record<string, number | null>> => {
    const { data } = await graph(employee(viewer), LISTS, { id });
    const lists: [string, { edges: unknown[] } | null][] = Object.entries(data.employee);
    return Object.fromEntries(lists.map(([name, list]) => [name, list?.edges.length ?? null]));
  };
  expect(await seenBy(former)).toEqual({ positionAssignments: 1, availability: 1, serviceAssignments: 1 });
  const next = {
    ...decree,
    employeeId: id,
    positionId: await position(now),
    validFrom: '2026-11-01',
    endPrevious: true,
  };
  await act(OFFICER, 'assignPosition', next, '__typename');
  expect(await seenBy(former)).toEqual({ positionAssignments: null, availability: null, serviceAssignments: null });
  expect(await seenBy(boss)).toEqual({ positionAssignments: 2, availability: 1, serviceAssignments: 1 });
});

test('a person serves a service from a day to a day', async () => {
  const id = await person(agencyId);
  const serve = { employeeId: id, serviceId: randomUUID(), validFrom: '2025-01-01' };
  const { serviceAssignment } = await act(OFFICER, 'assignService', serve, 'serviceAssignment { id serviceId }');
  expect(serviceAssignment.serviceId).toBe(serve.serviceId);
  expect(await refused(OFFICER, 'assignService', { ...serve, validFrom: '2026-01-01' })).toBe(
    'SERVICE_ASSIGNMENT_OVERLAPS validFrom',
  );
  expect(await refused(OFFICER, 'assignService', { ...serve, serviceId: 'KTP' })).toBe('INVALID_ID serviceId');
  const end = { serviceAssignmentId: serviceAssignment.id, validTo: '2025-06-30' };
  await act(OFFICER, 'endService', end, '__typename');
  expect(await refused(OFFICER, 'endService', end)).toBe('SERVICE_ASSIGNMENT_ENDED validTo');
  await act(OFFICER, 'assignService', { ...serve, validFrom: '2025-07-01' }, '__typename');
  const query =
    'query ($id: ID!) { employee(id: $id) { serviceAssignments { edges { node { validFrom validTo } } } } }';
  expect(
    (await ask(employee(id), query, { id })).employee.serviceAssignments.edges.map(
      ({ node }: { node: object }) => node,
    ),
  ).toEqual([
    { validFrom: '2025-07-01', validTo: null },
    { validFrom: '2025-01-01', validTo: '2025-06-30' },
  ]);
  expect((await events(id)).slice(1).map(([name]) => name)).toEqual([
    'ServiceAssigned',
    'ServiceEnded',
    'ServiceAssigned',
  ]);

  const next = await act(OFFICER, 'assignService', { ...serve, serviceId: randomUUID() }, 'serviceAssignment { id }');
  const never = { serviceAssignmentId: next.serviceAssignment.id, validTo: '2024-01-01' };
  expect(await act(OFFICER, 'endService', never, 'serviceAssignment { validTo }')).toEqual({
    serviceAssignment: { validTo: '2024-12-31' },
  });
});
