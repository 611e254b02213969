import { fromBinary } from '@bufbuild/protobuf';
import { outboxOf } from '@merit/chassis/testing';
import { CalendarPublishedSchema } from '@merit/proto/feedback';
import { runJobs } from '../src/jobs.js';
import { binjai, bySystem, codes, feedbackTown, people } from './town.js';

const { database, clock, ask, service } = feedbackTown();

const PUBLISH = `mutation ($input: PublishCalendarInput!) { publishCalendar(input: $input) {
  calendar { id year national verified version source holidays { date name } } } }`;
const READ = `query ($agencyId: ID, $year: Int!) { workCalendar(agencyId: $agencyId, year: $year) {
  national verified version holidays { date } } }`;
const SUBMIT = `mutation ($input: SubmitComplaintInput!) { submitComplaint(input: $input) { complaint { id trackingId } } }`;
const FORWARD = `mutation ($input: ForwardComplaintInput!) { forwardComplaint(input: $input) { complaint { dueAt } } }`;
const RESOLVE = `mutation ($input: ResolveComplaintInput!) { resolveComplaint(input: $input) { complaint { dueAt inTime } } }`;
const DUE = `query ($trackingId: String!) { complaint(trackingId: $trackingId) { dueAt } }`;

const lastMoment = (date: string) => new Date(`${date}T23:59:59.999+07:00`).toISOString();
const at = (wall: string) => {
  clock.now = new Date(`${wall}:00+07:00`);
};
const jobs = () => runJobs(database.db, bySystem, clock.now);
const publish = (input: object, viewer = people.admin) =>
  ask(viewer, PUBLISH, { input: { source: 'SK Wali Kota', ...input } });
const day = (date: string, name = 'Libur') => ({ date, name });
const calendars = async () => (await outboxOf(database.db)).filter(({ type }) => type.endsWith('CalendarPublished'));
const dueOf = async (trackingId: string) => (await ask(people.public, DUE, { trackingId })).data.complaint.dueAt;

test('the national calendar of 2026 is there from the start, once, however many processes begin', async () => {
  await Promise.all([jobs(), jobs(), jobs()]);
  const [event, ...more] = await calendars();
  expect(more).toEqual([]);
  const { agencyId, year, holidays } = fromBinary(CalendarPublishedSchema, event!.payload);
  expect({ agencyId, year, days: holidays.length }).toEqual({ agencyId: undefined, year: 2026, days: 25 });
  const { data } = await ask(people.public, READ, { agencyId: binjai, year: 2026 });
  expect(data.workCalendar).toMatchObject({ national: true, verified: false, version: 1 });
});

test.each(['public', 'colleague', 'hr', 'triage', 'system'] as const)('%s publishes none', async (who) => {
  expect(codes(await publish({ year: 2027, holidays: [day('2027-01-01')] }, people[who]))).toEqual(['FORBIDDEN']);
});

test('an administrator confirms it; of two who start from one version, one wins', async () => {
  const holidays = [day('2027-01-01', 'Tahun Baru')];
  const { data } = await publish({ year: 2027, holidays, expectedVersion: 0 });
  expect(data.publishCalendar.calendar).toMatchObject({
    year: 2027,
    national: true,
    verified: true,
    version: 1,
    holidays,
  });
  expect(codes(await publish({ year: 2027, holidays, expectedVersion: 0 }))).toEqual(['CONFLICT expectedVersion']);
  const again = await publish({ year: 2027, holidays, expectedVersion: 1 });
  expect(again.data.publishCalendar.calendar.id).toBe(data.publishCalendar.calendar.id);
});

test.each([
  [{ year: 2028, holidays: [day('2027-01-01')] }, 'HOLIDAY_OUTSIDE_YEAR holidays'],
  [{ year: 1900, holidays: [] }, 'YEAR_OUT_OF_RANGE year'],
  [{ year: 2028, holidays: [day('2028-01-01'), day('2028-01-01')] }, 'HOLIDAY_TWICE holidays'],
  [{ year: 2028, holidays: [day('2028-01-01', '')] }, 'TEXT_REQUIRED holidays'],
  [{ year: 2028, holidays: [], source: '' }, 'TEXT_REQUIRED source'],
  [{ agencyId: 'x', year: 2028, holidays: [] }, 'INVALID_ID agencyId'],
])('%p is refused', async (input, code) => {
  expect(codes(await publish(input))).toEqual([code]);
  expect((await ask(people.public, READ, { year: 2028 })).data.workCalendar).toBeNull();
});

test('a date that does not exist is refused', async () => {
  expect(codes(await publish({ year: 2028, holidays: [day('2028-02-30')] }))).toEqual([
    expect.stringMatching(/^BAD_USER_INPUT/),
  ]);
});

test("an agency's calendar moves its clocks that run, and no other", async () => {
  at('2026-07-06T09:00');
  const serviceId = await service('CAL');
  const open = async () => {
    const { data } = await ask(people.public, SUBMIT, { input: { serviceId, text: 'x' } });
    const { id, trackingId } = data.submitComplaint.complaint;
    await ask(people.triage, FORWARD, { input: { complaintId: id, class: 'SIMPLE' } });
    return { id, trackingId };
  };
  const [running, ended] = [await open(), await open()];
  await ask(people.clerk, RESOLVE, { input: { complaintId: ended.id, answer: 'x' } });
  expect(await dueOf(running.trackingId)).toBe(lastMoment('2026-07-13'));
  at('2026-07-07T09:00');
  await publish({ agencyId: binjai, year: 2026, holidays: [day('2026-07-09', 'Hari jadi kota')] });
  expect(await dueOf(running.trackingId)).toBe(lastMoment('2026-07-14'));
  expect(await dueOf(ended.trackingId)).toBe(lastMoment('2026-07-13'));
  const { agencyId } = fromBinary(CalendarPublishedSchema, (await calendars()).at(-1)!.payload);
  expect(agencyId).toBe(binjai);
});

test('no clock is missed that starts while a calendar is being published', async () => {
  at('2026-09-07T09:00');
  const serviceId = await service('CAL-RACE');
  const submitted = await Promise.all(
    Array.from({ length: 20 }, () => ask(people.public, SUBMIT, { input: { serviceId, text: 'x' } })),
  );
  const all = submitted.map(({ data }) => data.submitComplaint.complaint);
  await Promise.all([
    ...all.slice(0, 10).map(({ id }) => ask(people.triage, FORWARD, { input: { complaintId: id, class: 'SIMPLE' } })),
    publish({ agencyId: binjai, year: 2026, holidays: [day('2026-09-09', 'Libur'), day('2026-09-10', 'Libur')] }),
    ...all.slice(10).map(({ id }) => ask(people.triage, FORWARD, { input: { complaintId: id, class: 'SIMPLE' } })),
  ]);
  for (const { trackingId } of all) expect(await dueOf(trackingId)).toBe(lastMoment('2026-09-16'));
});
