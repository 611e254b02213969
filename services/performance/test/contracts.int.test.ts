/** The score takes in what older and newer publishers say, in their bytes. */
import { randomUUID } from 'node:crypto';
import { testConsumer } from '@merit/chassis/testing.consumer';
import { publisherOf, renaming, withField, withMessage, without, withValue } from '@merit/chassis/testing.contracts';
import { file_merit_competency_v1_events as competency } from '@merit/proto/competency';
import { file_merit_feedback_v1_events as feedback } from '@merit/proto/feedback';
import { v7 } from 'uuid';
import { subscriptions } from '../src/consumers.js';
import { ELEMENTS } from '../src/policy/policy.js';
import {
  admin,
  agencyRegistered,
  dataOf,
  employeeRegistered,
  OPEN_PERIOD,
  scene,
  scoreOf,
  serviceAssigned,
  unitRegistered,
} from './scene.js';

const house = scene();
const clock = { now: () => new Date('2026-06-15T03:00:00Z'), newId: () => v7() };
const { read, letters, counted } = testConsumer(house.database, subscriptions(clock));
const [agency, unit] = [randomUUID(), randomUUID()];

const olderCompetency = publisherOf(competency, without('CountedRecord', 'event_type', 'reason'));
const newerCompetency = publisherOf(
  competency,
  withField('LearningHoursCounted', 'rule_set', 60),
  withField('CountedRecord', 'provider', 60),
  renaming('LearningHoursCounted', 'counted', 'counted_hours'),
  withMessage('LearningHoursForecast', 'hours'),
);
const olderFeedback = publisherOf(feedback, without('SatisfactionMeasured', 'population', 'supersedes_id'));
const newerFeedback = publisherOf(
  feedback,
  withField('SatisfactionMeasured', 'channel', 60),
  withField('ElementSum', 'weight', 60),
  withValue('ComplaintClass', 'COMPLAINT_CLASS_INTEGRITY', 60),
);

beforeAll(async () => {
  await house.give(agencyRegistered(agency), unitRegistered(unit, agency));
  dataOf(await house.graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
  await house.workOffAll();
});

async function newcomer(): Promise<string> {
  const id = randomUUID();
  await house.give(employeeRegistered(id, agency));
  return id;
}

const counting = (employeeId: string, version: number, total: object, record: object) => ({
  ledgerId: ledgerOf(employeeId),
  employeeId,
  year: 2026,
  entitlement: '20',
  version: String(version),
  records: [
    {
      enrolmentId: randomUUID(),
      eventId: '00000000-0000-7000-8000-100000000000',
      hours: '10',
      counted: '10',
      completedAt: '2026-03-02T03:00:00Z',
      ...record,
    },
  ],
  ...total,
});
const ledgerOf = (employeeId: string) => `${employeeId.slice(0, -4)}0000`;
const ledger = (employeeId: string, sequence: number) => ({
  key: employeeId,
  aggregate: `learning/${ledgerOf(employeeId)}`,
  sequence,
});

const partOf = async (employeeId: string, component: string) => {
  await house.workOffAll();
  const score = await scoreOf(house, employeeId);
  return score.parts.find((part: { component: string }) => part.component === component);
};

test('an older competency did not say which event set a result: it was the completion', async () => {
  const id = await newcomer();
  await read(olderCompetency('LearningHoursCounted', counting(id, 1, { counted: '10' }, {}), ledger(id, 1)));
  expect(await letters()).toEqual([]);
  const { sources, attainment } = await partOf(id, 'COMPETENCY');
  expect(sources).toMatchObject([{ type: 'TrainingCompleted', counted: 10, reason: null }]);
  expect(attainment).toBe(100); // 10 of the 10 that are due by half of the year
});

test('a newer competency says more, and calls the total otherwise under the same number', async () => {
  const id = await newcomer();
  const value = counting(
    id,
    1,
    { countedHours: '5', ruleSet: '2027' },
    { counted: '5', provider: 'LAN', reason: 'CAP_PER_WEEK', eventType: 'TrainingCompleted' },
  );
  await read(newerCompetency('LearningHoursCounted', value, ledger(id, 1)));
  expect(await letters()).toEqual([]);
  const { sources, attainment } = await partOf(id, 'COMPETENCY');
  expect(sources).toMatchObject([{ counted: 5, reason: 'CAP_PER_WEEK' }]);
  expect(attainment).toBe(50);
});

test('a type of events that it does not know is counted and passed over, and the ledger goes on behind it', async () => {
  const id = await newcomer();
  const unknown = await counted('unknown');
  await read(
    newerCompetency('LearningHoursCounted', counting(id, 1, { countedHours: '5' }, {}), ledger(id, 1)),
    newerCompetency('LearningHoursForecast', { hours: '40' }, ledger(id, 2)),
    newerCompetency('LearningHoursCounted', counting(id, 2, { countedHours: '8' }, {}), ledger(id, 3)),
  );
  expect(await counted('unknown')).toBe(unknown + 1);
  expect(await letters()).toEqual([]);
  expect((await partOf(id, 'COMPETENCY')).attainment).toBe(80);
});

const measured = (serviceId: string) => ({
  measurementId: randomUUID(),
  serviceId,
  unitId: unit,
  windowFrom: '2026-01-01',
  windowTo: '2026-05-31',
  respondents: 100,
  elements: ELEMENTS.map((element) => ({ element, sum: '400' })),
});

test('an older and a newer feedback, of which nothing more is taken than is known here', async () => {
  const id = await newcomer();
  const [before, after] = [randomUUID(), randomUUID()];
  await house.give(serviceAssigned(id, before), serviceAssigned(id, after));
  await read(
    olderFeedback('SatisfactionMeasured', measured(before), { key: before }),
    newerFeedback(
      'SatisfactionMeasured',
      {
        ...measured(after),
        channel: 'kiosk',
        elements: ELEMENTS.map((element) => ({ element, sum: '400', weight: '1' })),
      },
      { key: after },
    ),
  );
  expect(await letters()).toEqual([]);
  const { attainment } = await partOf(id, 'PUBLIC_FEEDBACK');
  expect(attainment).toBe(100);
});

test('a class of complaints that it does not know is none of its business: the clock counts all the same', async () => {
  const service = randomUUID();
  const complaint = {
    complaintId: randomUUID(),
    serviceId: service,
    unitId: unit,
    class: 'COMPLAINT_CLASS_INTEGRITY',
    forwardedAt: '2026-05-04T02:00:00Z',
    dueAt: '2026-05-06T02:00:00Z',
  };
  await read(newerFeedback('ComplaintForwarded', complaint, { key: service }));
  expect(await letters()).toEqual([]);
  const [{ n }] = await house.database.db.query('select count(*)::int as n from service_fact where service_id = $1', [
    service,
  ]);
  expect(n).toBe(1);
});

test('a tenth element of the survey would make the index another: it waits for someone who knows it', async () => {
  const [tenth, other] = [randomUUID(), randomUUID()];
  const value = measured(tenth);
  await read(
    newerFeedback(
      'SatisfactionMeasured',
      { ...value, elements: [...value.elements, { element: 'KEBERLANJUTAN', sum: '400' }] },
      { key: tenth },
    ),
    newerFeedback('SatisfactionMeasured', measured(other), { key: other }),
  );
  expect(await letters()).toEqual([
    { code: 'EVENT_UNREADABLE', key: tenth, type: 'merit.feedback.v1.SatisfactionMeasured' },
  ]);
});
