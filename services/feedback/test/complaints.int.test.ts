import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Viewer } from '@merit/chassis/api/viewer';
import { outboxOf } from '@merit/chassis/testing';
import {
  ComplaintDeadlinePassedSchema,
  ComplaintForwardedSchema,
  ComplaintReceivedSchema,
  ComplaintReopenedSchema,
  ComplaintResolvedSchema,
} from '@merit/proto/feedback';
import { runJobs } from '../src/jobs.js';
import { allSaid, allTold } from './told.js';
import { binjai, bySystem, codes, employeeIds, feedbackTown, people, statementsOf, units } from './town.js';

const { database, clock, ask, service } = feedbackTown();

const FIELDS = `id trackingId status class receivedAt forwardedAt dueAt resolvedAt inTime overdue text answer service { code }`;
const SUBMIT = `mutation ($input: SubmitComplaintInput!) { submitComplaint(input: $input) { secret complaint { ${FIELDS} } } }`;
const move = (name: string) =>
  `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { complaint { ${FIELDS} } } }`;
const REVEAL = `mutation ($input: RevealReporterInput!) { revealReporter(input: $input) { reporter { name contact } } }`;
const STATUS = `query ($trackingId: String!, $secret: String) { complaint(trackingId: $trackingId, secret: $secret) {
  ${FIELDS} handling { text anonymous confidential verifyBy workingMinutes named { id } handler { id } } } }`;
const PUBLIC_STATUS = `query ($trackingId: String!, $secret: String) {
  complaint(trackingId: $trackingId, secret: $secret) { ${FIELDS} } }`;
const LIST = `query ($unitId: ID!, $status: [ComplaintStatus!], $first: Int, $after: String) {
  complaints(unitId: $unitId, status: $status, first: $first, after: $after) {
    edges { node { id status handling { text } } } pageInfo { hasNextPage endCursor } } }`;
const STATISTICS = `query ($refs: [_Any!]!, $year: Int!) { _entities(representations: $refs) { ... on Unit {
  complaintStatistics(year: $year) { received open resolved rejected inTime overdue medianWorkingMinutes suppressed } } } }`;

const jakarta = (wall: string) => new Date(`${wall}:00+07:00`);
const lastMoment = (date: string) => new Date(`${date}T23:59:59.999+07:00`);
const at = (wall: string) => {
  clock.now = jakarta(wall);
};
const jobs = () => runJobs(database.db, bySystem, clock.now);
const events = async (id: string) => (await outboxOf(database.db, id)).map(({ type }) => type.split('.').at(-1));
const payload = async (id: string, seq: number) =>
  (await outboxOf(database.db, id)).find((event) => event.seq === seq)!.payload;
const statusOf = async (id: string) =>
  (await database.db.query('select status from complaint where id = $1', [id]))[0].status;

const run = (viewer: Viewer, name: string, input: object) => ask(viewer, move(name), { input });
async function submit(serviceId: string, over: object = {}, viewer: Viewer = people.public) {
  const { data, errors } = await ask(viewer, SUBMIT, {
    input: { serviceId, text: 'Antrean tiga jam,\nloket tutup.', ...over },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return { ...data.submitComplaint.complaint, secret: data.submitComplaint.secret };
}
const forward = (complaintId: string, over: object = {}, viewer: Viewer = people.triage) =>
  run(viewer, 'forwardComplaint', { complaintId, class: 'SIMPLE', ...over });
const resolve = (complaintId: string, over: object = {}, viewer: Viewer = people.clerk) =>
  run(viewer, 'resolveComplaint', { complaintId, answer: 'Loket kini dibuka.', ...over });

let serviceId: string;
beforeAll(async () => {
  await jobs();
  serviceId = await service('ADUAN');
});
beforeEach(() => at('2026-03-02T09:00'));

describe('a complaint and its way', () => {
  test('from the citizen through triage and the unit to an answer, with its clock', async () => {
    const { id, trackingId, secret, status, text } = await submit(serviceId);
    expect({ status, text }).toEqual({ status: 'RECEIVED', text: 'Antrean tiga jam,\nloket tutup.' });
    expect(trackingId).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);

    at('2026-03-03T10:00');
    const forwarded = await forward(id);
    expect(forwarded.data.forwardComplaint.complaint).toMatchObject({
      status: 'FORWARDED',
      class: 'SIMPLE',
      dueAt: lastMoment('2026-03-10').toISOString(),
      text: null,
    });

    at('2026-03-04T09:00');
    const resolved = await resolve(id);
    expect(resolved.data.resolveComplaint.complaint).toMatchObject({
      status: 'RESOLVED',
      inTime: true,
      overdue: false,
    });

    expect(await events(id)).toEqual(['ComplaintReceived', 'ComplaintForwarded', 'ComplaintResolved']);
    const end = fromBinary(ComplaintResolvedSchema, await payload(id, 3));
    // 10.00–12.00, 13.00–16.00, and 7.30–9.00.
    expect(end).toMatchObject({ handlerId: employeeIds.clerk, workingMinutes: 390n, inTime: true, serviceId });
    expect(timestampDate(end.dueAt!)).toEqual(lastMoment('2026-03-10'));

    const seen = await ask(people.public, PUBLIC_STATUS, { trackingId: trackingId.toLowerCase().replace('-', ' ') });
    expect(seen.data.complaint).toMatchObject({
      status: 'RESOLVED',
      text: null,
      answer: null,
      service: { code: 'ADUAN' },
    });
    const own = await ask(people.public, PUBLIC_STATUS, { trackingId, secret });
    expect(own.data.complaint).toMatchObject({ text: 'Antrean tiga jam,\nloket tutup.', answer: 'Loket kini dibuka.' });
  });

  test('no event carries its words, its sender, or anyone it names', async () => {
    const { id } = await submit(serviceId, { text: 'RAHASIAKU', reporter: { name: 'Sitinama', contact: '0812-SITI' } });
    await forward(id, { named: [employeeIds.head] });
    await resolve(id, { answer: 'JAWABANKU' });
    for (const { payload: bytes } of await outboxOf(database.db, id)) {
      const said = Buffer.from(bytes).toString('latin1');
      for (const secret of ['RAHASIAKU', 'Sitinama', 'SITI', 'JAWABANKU', employeeIds.head])
        expect(said).not.toContain(secret);
    }
    const { serviceId: about, unitId } = fromBinary(ComplaintReceivedSchema, await payload(id, 1));
    expect({ about, unitId }).toEqual({ about: serviceId, unitId: units.disdukcapil });
    expect((await outboxOf(database.db, id))[0]!.key).toBe(serviceId);
  });

  test('reopened by its sender, it goes on where the first clock stopped', async () => {
    const { id, trackingId, secret } = await submit(serviceId);
    await forward(id);
    at('2026-03-04T09:00');
    await resolve(id);
    at('2026-03-11T08:30');
    const { data, errors } = await run(people.public, 'reopenComplaint', {
      trackingId,
      secret,
      reason: 'Masih tutup.',
    });
    expect(errors).toBeUndefined();
    expect(data.reopenComplaint.complaint).toMatchObject({
      status: 'REOPENED',
      dueAt: lastMoment('2026-03-16').toISOString(),
    });
    expect(timestampDate(fromBinary(ComplaintReopenedSchema, await payload(id, 4)).dueAt!)).toEqual(
      lastMoment('2026-03-16'),
    );
    at('2026-03-11T09:30');
    await resolve(id);
    expect(fromBinary(ComplaintResolvedSchema, await payload(id, 5)).workingMinutes).toBe(360n + 450n + 90n + 60n);
    at('2026-04-20T09:00');
    expect(codes(await run(people.public, 'reopenComplaint', { trackingId, secret, reason: 'x' }))).toEqual([
      'REOPENING_TOO_LATE',
    ]);
    expect((await run(people.triage, 'reopenComplaint', { trackingId, reason: 'x' })).errors).toBeUndefined();
  });

  test('past its limit, that is said once', async () => {
    const { id } = await submit(serviceId);
    await forward(id);
    at('2026-03-09T23:59');
    await jobs();
    expect(await events(id)).toHaveLength(2);
    at('2026-03-10T00:00');
    await Promise.all([jobs(), jobs()]);
    await jobs();
    expect(await events(id)).toEqual(['ComplaintReceived', 'ComplaintForwarded', 'ComplaintDeadlinePassed']);
    expect(timestampDate(fromBinary(ComplaintDeadlinePassedSchema, await payload(id, 3)).dueAt!)).toEqual(
      lastMoment('2026-03-09'),
    );
    const { data } = await resolve(id);
    expect(data.resolveComplaint.complaint).toMatchObject({ inTime: false });
  });

  test('turned away, its sender learns why', async () => {
    const { id, trackingId, secret } = await submit(serviceId);
    const rejected = await run(people.triage, 'rejectComplaint', { complaintId: id, reason: 'Bukan wewenang kami.' });
    expect(rejected.data.rejectComplaint.complaint).toMatchObject({ status: 'REJECTED', answer: null });
    expect(await events(id)).toEqual(['ComplaintReceived', 'ComplaintRejected']);
    const { data } = await ask(people.public, PUBLIC_STATUS, { trackingId, secret });
    expect(data.complaint.answer).toBe('Bukan wewenang kami.');
  });

  test('the same request twice is one complaint with one secret', async () => {
    const input = { serviceId, text: 'Sekali saja', idempotencyKey: randomUUID() };
    const first = await ask(people.public, SUBMIT, { input });
    expect(await ask(people.public, SUBMIT, { input })).toEqual(first);
    expect(await events(first.data.submitComplaint.complaint.id)).toHaveLength(1);
  });

  test('of a hundred simultaneous ends one wins', async () => {
    const { id } = await submit(serviceId);
    await forward(id);
    const all = await Promise.all(Array.from({ length: 100 }, () => resolve(id)));
    expect(all.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(new Set(all.flatMap((one) => codes(one) ?? []))).toEqual(new Set(['COMPLAINT_NOT_OPEN']));
    expect(await events(id)).toHaveLength(3);
  });
});

describe('who may do what', () => {
  test('nobody of the unit verifies, publishes or asks who complained', async () => {
    const { id: complaintId } = await submit(serviceId);
    expect(codes(await forward(complaintId, {}, people.clerk))).toEqual(['DECIDED_OUTSIDE_UNIT']);
    expect(codes(await run(people.clerk, 'rejectComplaint', { complaintId, reason: 'x' }))).toEqual([
      'DECIDED_OUTSIDE_UNIT',
    ]);
    expect(codes(await run(people.clerk, 'publishComplaint', { complaintId, text: 'x' }))).toEqual([
      'DECIDED_OUTSIDE_UNIT',
    ]);
    expect(codes(await ask(people.clerk, REVEAL, { input: { complaintId, reason: 'x' } }))).toEqual([
      'DECIDED_OUTSIDE_UNIT',
    ]);
    expect(await statusOf(complaintId)).toBe('RECEIVED');
  });

  test.each(['public', 'colleague', 'hr', 'admin'] as const)('%s moves none along', async (who) => {
    const { id: complaintId, trackingId } = await submit(serviceId);
    const viewer = people[who];
    const refused = await Promise.all([
      forward(complaintId, {}, viewer),
      resolve(complaintId, {}, viewer),
      run(viewer, 'rejectComplaint', { complaintId, reason: 'x' }),
      run(viewer, 'publishComplaint', { complaintId, text: 'x' }),
      run(viewer, 'reopenComplaint', { trackingId, reason: 'x' }),
      ask(viewer, REVEAL, { input: { complaintId, reason: 'x' } }),
    ]);
    expect(refused.map(codes)).toEqual(refused.map(() => ['FORBIDDEN']));
    expect(await events(complaintId)).toHaveLength(1);
  });

  test('whom it names neither handles nor sees it', async () => {
    const { id } = await submit(serviceId);
    expect(codes(await forward(id, { named: [employeeIds.triage] }))).toEqual(['COMPLAINT_NAMES_HANDLER']);
    await forward(id, { named: [employeeIds.head] });
    expect(codes(await resolve(id, {}, people.head))).toEqual(['COMPLAINT_NAMES_HANDLER']);
    expect(codes(await resolve(id, { handlerId: employeeIds.head }))).toEqual(['COMPLAINT_NAMES_HANDLER']);
    const listed = async (viewer: Viewer) =>
      (await ask(viewer, LIST, { unitId: units.disdukcapil, first: 100 })).data.complaints.edges.map(
        ({ node }: { node: { id: string } }) => node.id,
      );
    expect(await listed(people.head)).not.toContain(id);
    expect(await listed(people.clerk)).toContain(id);
  });

  test("the unit's own people see a complaint once it is verified", async () => {
    const { id, trackingId } = await submit(serviceId);
    const listed = async (viewer: Viewer, status?: string[]) => {
      const { data } = await ask(viewer, LIST, { unitId: units.disdukcapil, first: 100, status });
      return data.complaints.edges.map(({ node }: { node: { id: string } }) => node.id);
    };
    expect(await listed(people.clerk)).not.toContain(id);
    expect(await listed(people.triage, ['RECEIVED'])).toContain(id);
    const early = await ask(people.clerk, STATUS, { trackingId });
    expect(early.data.complaint.handling).toBeNull();
    expect(codes(early)).toEqual(['FORBIDDEN']);
    await forward(id);
    expect(await listed(people.clerk, ['FORWARDED'])).toContain(id);
    const { data } = await ask(people.clerk, STATUS, { trackingId });
    expect(data.complaint.handling).toMatchObject({
      text: 'Antrean tiga jam,\nloket tutup.',
      anonymous: true,
      handler: null,
    });
  });

  test.each(['public', 'colleague', 'hr', 'admin'] as const)(
    '%s sees no list, and nothing of how it is handled',
    async (who) => {
      const { trackingId } = await submit(serviceId);
      const list = await ask(people[who], LIST, { unitId: units.disdukcapil });
      expect([list.data.complaints, codes(list)]).toEqual([null, ['FORBIDDEN']]);
      const one = await ask(people[who], STATUS, { trackingId });
      expect([one.data.complaint.handling, codes(one)]).toEqual([null, ['FORBIDDEN']]);
    },
  );

  test('the list goes page by page, latest first', async () => {
    const newest = await submit(serviceId);
    at('2026-03-02T09:05');
    const newer = await submit(serviceId);
    at('2026-03-02T09:10');
    const first = await ask(people.triage, LIST, { unitId: units.disdukcapil, first: 1, status: ['RECEIVED'] });
    expect(first.data.complaints.edges[0].node.id).toBe(newer.id);
    const { endCursor, hasNextPage } = first.data.complaints.pageInfo;
    expect(hasNextPage).toBe(true);
    const next = await ask(people.triage, LIST, {
      unitId: units.disdukcapil,
      first: 100,
      after: endCursor,
      status: ['RECEIVED'],
    });
    const ids = next.data.complaints.edges.map(({ node }: { node: { id: string } }) => node.id);
    expect(ids).toContain(newest.id);
    expect(ids).not.toContain(newer.id);
  });
});

describe('who complained', () => {
  test('is kept apart, shown for a reason, and each look is recorded', async () => {
    const reporter = { name: 'Siti', contact: '0812' };
    const { id: complaintId } = await submit(serviceId, { reporter }, people.colleague);
    const { data } = await ask(people.triage, REVEAL, { input: { complaintId, reason: 'Perlu dihubungi.' } });
    expect(data.revealReporter.reporter).toEqual(reporter);
    expect(
      await database.db.query('select revealed_by, reason from reporter_reveal where complaint_id = $1', [complaintId]),
    ).toEqual([{ revealed_by: `employee/${employeeIds.triage}`, reason: 'Perlu dihubungi.' }]);
    expect(codes(await ask(people.triage, REVEAL, { input: { complaintId, reason: ' ' } }))).toEqual([
      'TEXT_REQUIRED reason',
    ]);
  });

  test('is shown again for a key that is repeated: recorded again, and never to whom it names by then', async () => {
    const reporter = { name: 'Siti', contact: '0812' };
    const { id: complaintId } = await submit(serviceId, { reporter }, people.colleague);
    const input = { complaintId, reason: 'Perlu dihubungi.', idempotencyKey: randomUUID() };
    const looks = () => database.db.query('select reason from reporter_reveal where complaint_id = $1', [complaintId]);
    const first = await ask(people.triage, REVEAL, { input });
    expect(await ask(people.triage, REVEAL, { input })).toEqual(first);
    expect(await looks()).toEqual([{ reason: input.reason }, { reason: input.reason }]);
    await database.db.query('update complaint set named = array[$2::uuid] where id = $1', [
      complaintId,
      employeeIds.triage,
    ]);
    const after = await ask(people.triage, REVEAL, { input });
    expect([after.data, codes(after)]).toEqual([null, ['COMPLAINT_NAMES_HANDLER']]);
    expect(await looks()).toHaveLength(2);
  });

  test('is nowhere for an anonymous complaint, not even when its sender was signed in', async () => {
    const { id: complaintId } = await submit(serviceId, { idempotencyKey: randomUUID() }, people.colleague);
    const { data } = await ask(people.triage, REVEAL, { input: { complaintId, reason: 'x' } });
    expect(data.revealReporter.reporter).toBeNull();
    for (const table of ['complaint', 'complaint_reporter', 'idempotency', 'outbox']) {
      const rows = await database.db.query(`select * from ${table}`);
      expect(JSON.stringify(rows)).not.toContain(employeeIds.colleague);
    }
  });
});

describe('what is published', () => {
  test('is what triage wrote, and nothing before', async () => {
    const { id: complaintId, trackingId } = await submit(serviceId, { text: 'Pak Budi kasar.' });
    const { data } = await run(people.triage, 'publishComplaint', { complaintId, text: 'Petugas kasar.' });
    expect(data.publishComplaint.complaint.text).toBe('Petugas kasar.');
    const seen = await ask(people.public, PUBLIC_STATUS, { trackingId });
    expect(seen.data.complaint.text).toBe('Petugas kasar.');
    expect(await events(complaintId)).toEqual(['ComplaintReceived', 'ComplaintPublished']);
  });

  test('is never a confidential complaint', async () => {
    const { id: complaintId } = await submit(serviceId, { confidential: true });
    expect(codes(await run(people.triage, 'publishComplaint', { complaintId, text: 'x' }))).toEqual([
      'COMPLAINT_CONFIDENTIAL',
    ]);
  });
});

describe('bad input', () => {
  test.each([
    ['an id that is none', { serviceId: '1' }, 'INVALID_ID serviceId'],
    ['an unknown service', { serviceId: '00000000-0000-7000-8000-000000000000' }, 'SERVICE_NOT_FOUND serviceId'],
    ['a unit in place of a service', { serviceId: units.city }, 'SERVICE_NOT_FOUND serviceId'],
    ['no text', { text: ' \n ' }, 'TEXT_REQUIRED text'],
    ['a megabyte of text', { text: 'x'.repeat(1_000_000) }, 'TEXT_TOO_LONG text'],
    ['a null byte', { text: 'a\u0000b' }, 'TEXT_INVALID text'],
    ['a reporter without a name', { reporter: { name: '', contact: '1' } }, 'TEXT_REQUIRED reporter.name'],
    ['a guessable key', { idempotencyKey: '1' }, 'INVALID_ID idempotencyKey'],
  ])('%s is no complaint', async (_, over, code) => {
    const before = (await outboxOf(database.db)).length;
    expect(codes(await ask(people.public, SUBMIT, { input: { serviceId, text: 'x', ...over } }))).toEqual([code]);
    expect(await outboxOf(database.db)).toHaveLength(before);
  });

  test('an emoji and right-to-left text are text', async () => {
    expect((await submit(serviceId, { text: '😡 شكوى' })).text).toBe('😡 شكوى');
  });

  test('a wrong secret opens nothing, an unknown number is null', async () => {
    const { trackingId } = await submit(serviceId);
    const wrong = await ask(people.public, PUBLIC_STATUS, { trackingId, secret: 'x' });
    expect([wrong.data.complaint, codes(wrong)]).toEqual([null, ['SECRET_INVALID secret']]);
    expect(codes(await run(people.public, 'reopenComplaint', { trackingId, secret: 'x', reason: 'x' }))).toEqual([
      'SECRET_INVALID secret',
    ]);
    expect((await ask(people.public, PUBLIC_STATUS, { trackingId: '00000-00000' })).data.complaint).toBeNull();
    expect(codes(await run(people.public, 'reopenComplaint', { trackingId: '0', reason: 'x' }))).toEqual([
      'COMPLAINT_NOT_FOUND trackingId',
    ]);
  });

  test.each([
    [
      'an unknown complaint',
      { complaintId: '00000000-0000-7000-8000-000000000000' },
      'COMPLAINT_NOT_FOUND complaintId',
    ],
    ['an id that is none', { complaintId: 'x' }, 'INVALID_ID complaintId'],
    ['an unknown person named', { named: ['00000000-0000-7000-8000-000000000000'] }, 'EMPLOYEE_NOT_FOUND named'],
    ['a person whose id is none', { named: ['x'] }, 'INVALID_ID named'],
  ])('%s is not forwarded', async (_, over, code) => {
    const { id } = await submit(serviceId);
    expect(codes(await forward(id, over))).toEqual([code]);
    expect(await statusOf(id)).toBe('RECEIVED');
  });

  test('an operator names the handler', async () => {
    const { id } = await submit(serviceId);
    await forward(id, {}, people.system);
    expect(codes(await resolve(id, {}, people.filler))).toEqual(['HANDLER_REQUIRED handlerId']);
    expect(codes(await resolve(id, { handlerId: units.city }, people.filler))).toEqual([
      'EMPLOYEE_NOT_FOUND handlerId',
    ]);
    expect((await resolve(id, { handlerId: employeeIds.clerk }, people.filler)).errors).toBeUndefined();
  });
});

describe('an import of complaints', () => {
  const IMPORT = `mutation ($input: ImportComplaintsInput!) {
    importComplaints(input: $input) { imported unchanged problems { row field code } } }`;
  const enter = (rows: object[], over: object = {}, viewer: Viewer = people.system) =>
    ask(viewer, IMPORT, { input: { agencyId: binjai, rows, ...over } });
  const row = (reference: string, over: object = {}) => ({
    reference,
    serviceId,
    receivedAt: jakarta('2026-02-02T09:00'),
    ...over,
  });
  const ended = (i: number) =>
    row(`LAMA-${i}`, {
      text: 'Lampu jalan padam',
      class: 'SIMPLE',
      forwardedAt: jakarta('2026-02-03T09:00'),
      handlerId: employeeIds.clerk,
      resolvedAt: jakarta(i % 5 === 0 ? '2026-02-25T09:00' : '2026-02-04T09:00'),
    });

  test('runs each history through the same rules, with its dates', async () => {
    const { data } = await enter([ended(0), ended(1), row('LAMA-REJ', { rejectedAt: jakarta('2026-02-03T09:00') })]);
    expect(data.importComplaints).toEqual({ imported: 3, unchanged: 0, problems: [] });
    const stored = await database.db.query(
      `select id, status, in_time, used_minutes from complaint where reference like 'LAMA-%' order by reference`,
    );
    expect(stored).toMatchObject([
      { status: 'RESOLVED', in_time: false },
      { status: 'RESOLVED', in_time: true, used_minutes: 450 },
      { status: 'REJECTED' },
    ]);
    expect(await events(stored[0].id)).toEqual(['ComplaintReceived', 'ComplaintForwarded', 'ComplaintResolved']);
    const received = await outboxOf(database.db, stored[0].id);
    expect(timestampDate(fromBinary(ComplaintForwardedSchema, received[1]!.payload).dueAt!)).toEqual(
      lastMoment('2026-02-10'),
    );
  });

  test('a thousand come at once, and twice changes nothing', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ended(i + 1000));
    const first = await enter(rows);
    expect(first.data.importComplaints).toEqual({ imported: 1000, unchanged: 0, problems: [] });
    const before = (await outboxOf(database.db)).length;
    const again = await enter(rows);
    expect(again.data.importComplaints).toEqual({ imported: 0, unchanged: 1000, problems: [] });
    expect(await outboxOf(database.db)).toHaveLength(before);
  });

  test('takes as many statements for a thousand as for ten', async () => {
    const rows = (from: number, n: number) => Array.from({ length: n }, (_, i) => ended(from + i));
    const few = await statementsOf(database.db, () => enter(rows(5000, 10)));
    expect(await statementsOf(database.db, () => enter(rows(6000, 1000)))).toBe(few);
  });

  test('one that has gone on here since is unchanged', async () => {
    const open = row('TERUS', { class: 'SIMPLE', forwardedAt: jakarta('2026-02-27T09:00') });
    await enter([open]);
    const [{ id }] = await database.db.query(`select id from complaint where reference = 'TERUS'`);
    await resolve(id);
    expect((await enter([open])).data.importComplaints).toEqual({ imported: 0, unchanged: 1, problems: [] });
  });

  test.each(['clerk', 'head'] as const)('%s, who works in the unit, enters none of its complaints', async (who) => {
    const problems = async (rows: object[]) => (await enter(rows, {}, people[who])).data.importComplaints.problems;
    const refused = { row: 0, field: null, code: 'DECIDED_OUTSIDE_UNIT' };
    expect(await problems([{ ...ended(1), reference: `DALAM-${who}` }])).toEqual([refused]);
    expect(await problems([row(`DALAM-${who}`)])).toEqual([refused]);
    const stored = await database.db.query('select from complaint where reference = $1', [`DALAM-${who}`]);
    expect(stored).toHaveLength(0);
  });

  test('HR enters none of the own unit, none that names them, and the others', async () => {
    const own = await service('MILIK', units.diskominfo);
    const history = (reference: string, over: object = {}) => ({ ...ended(1), reference, ...over });
    const entered = async (rows: object[]) => (await enter(rows, {}, people.hr)).data.importComplaints;
    const rows = [
      history('HR-0'),
      history('HR-1', { serviceId: own }),
      history('HR-2', { named: [employeeIds.hr] }),
      row('HR-3', { named: [employeeIds.hr] }),
    ];
    expect((await entered(rows)).problems).toEqual([
      { row: 1, field: null, code: 'DECIDED_OUTSIDE_UNIT' },
      { row: 2, field: null, code: 'COMPLAINT_NAMES_HANDLER' },
      { row: 3, field: null, code: 'COMPLAINT_NAMES_HANDLER' },
    ]);
    expect(await entered(rows.slice(0, 1))).toEqual({ imported: 1, unchanged: 0, problems: [] });
  });

  test('names each row at fault, and then writes none', async () => {
    const before = (await outboxOf(database.db)).length;
    const { data } = await enter([
      row('B-0'),
      row('B-1', { receivedAt: jakarta('2026-03-03T09:00') }),
      row('B-2', { class: 'SIMPLE' }),
      row('B-3', { handlerId: employeeIds.clerk }),
      row('B-4', { class: 'SIMPLE', forwardedAt: jakarta('2026-02-01T09:00') }),
      row('B-5', { handlerId: employeeIds.clerk, resolvedAt: jakarta('2026-02-03T09:00') }),
      row('B-6', { serviceId: units.city }),
      row('B-7', { named: ['x'] }),
      { ...ended(1), text: 'Lain' },
      row('B-0', { text: 'Lain' }),
      row(' '),
      { ...ended(9), reference: 'B-11', named: [employeeIds.clerk] },
      { ...ended(9), reference: 'B-12', rejectedAt: jakarta('2026-02-27T09:00') },
      { ...ended(9), reference: 'B-13', handlerId: units.city },
    ]);
    expect(data.importComplaints.problems).toEqual([
      { row: 1, field: 'receivedAt', code: 'DATE_IN_FUTURE' },
      { row: 2, field: 'class', code: 'FORWARDING_INCOMPLETE' },
      { row: 3, field: 'handlerId', code: 'RESOLUTION_INCOMPLETE' },
      { row: 4, field: 'forwardedAt', code: 'DATES_OUT_OF_ORDER' },
      { row: 5, field: 'forwardedAt', code: 'FORWARDING_INCOMPLETE' },
      { row: 6, field: 'serviceId', code: 'SERVICE_NOT_FOUND' },
      { row: 7, field: 'named', code: 'INVALID_ID' },
      { row: 8, field: 'reference', code: 'COMPLAINT_EXISTS' },
      { row: 9, field: 'reference', code: 'ROW_REPEATED' },
      { row: 10, field: 'reference', code: 'TEXT_REQUIRED' },
      { row: 11, field: null, code: 'COMPLAINT_NAMES_HANDLER' },
      { row: 12, field: 'rejectedAt', code: 'ENDED_TWICE' },
      { row: 13, field: 'handlerId', code: 'EMPLOYEE_NOT_FOUND' },
    ]);
    expect(await outboxOf(database.db)).toHaveLength(before);
  });

  test.each([
    ['hr', undefined],
    ['clerk', undefined],
    ['triage', undefined],
    ['colleague', ['FORBIDDEN']],
    ['public', ['FORBIDDEN']],
  ] as const)('by %s: %p', async (who, refused) => {
    expect(codes(await enter([row(`WHO-${who}`)], {}, people[who]))).toEqual(refused);
  });
});

describe("how a unit's complaints went", () => {
  const of = async (id: string, year = 2026) =>
    (await ask(people.public, STATISTICS, { refs: [{ __typename: 'Unit', id }], year })).data._entities[0]
      .complaintStatistics;

  test('is for everyone to see, but not of fewer than five', async () => {
    const own = await service('STAT', units.diskominfo);
    // Diskominfo's officers would be inside: the operator is not.
    const end = async (over: object) => {
      const { id } = await submit(own);
      await forward(id, {}, people.system);
      await resolve(id, { handlerId: employeeIds.colleague, ...over }, people.system);
    };
    expect(await of(units.diskominfo)).toBeNull();
    for (let i = 0; i < 3; i += 1) await end({});
    const late = await submit(own);
    await forward(late.id, {}, people.system);
    expect(await of(units.diskominfo)).toEqual({
      received: null,
      open: null,
      resolved: null,
      rejected: null,
      inTime: null,
      overdue: null,
      medianWorkingMinutes: null,
      suppressed: true,
    });
    at('2026-03-16T09:00');
    const rejected = await submit(own);
    await run(people.system, 'rejectComplaint', { complaintId: rejected.id, reason: 'x' });
    expect(await of(units.diskominfo)).toEqual({
      received: 5,
      open: 1,
      resolved: 3,
      rejected: 1,
      inTime: 3,
      overdue: 1,
      medianWorkingMinutes: null,
      suppressed: false,
    });
    for (let i = 0; i < 2; i += 1) await end({});
    expect(await of(units.diskominfo)).toMatchObject({ resolved: 5, medianWorkingMinutes: 0 });
    expect(await of(units.diskominfo, 2025)).toBeNull();
  });
});

test('a snapshot tells all that was said, with its ids and in its order', async () => {
  const said = await allSaid(database.db);
  expect(said.length).toBeGreaterThan(10);
  expect(await allTold(database.db)).toEqual(said);
});
