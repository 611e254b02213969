import { randomUUID } from 'node:crypto';
import { outboxOf } from '@merit/chassis/testing';
import { Role } from '@merit/proto/personnel';
import { reachCheckpoints } from '../src/period/period.commands.js';
import { nationalRules } from './mothers.js';
import {
  admin,
  agencyRegistered,
  as,
  dataOf,
  employeeRegistered,
  hoursCounted,
  OPEN_PERIOD,
  roleGranted,
  scene,
  scoreOf,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const { give, graph } = house;
const agency = randomUUID();
const hr = as(randomUUID());
beforeAll(() => give(agencyRegistered(agency), roleGranted(hr.employeeId, Role.HR, agency)));
beforeEach(() => house.at('2026-06-15T03:00:00Z'));

const PUBLISH = `mutation Publish($input: PublishPolicyInput!) { publishPolicy(input: $input) { policy {
  id version validFrom agency { id } verified weights { component weight least most } bandNeeds { coverage }
  satisfaction { share headElements sample { chiSquare } } complaints { leastDue } } } }`;
const POLICIES = `query Policies($agencyId: ID) { scoringPolicies(agencyId: $agencyId) { edges { node { version validFrom weights { component weight } } } } }`;
const PERIODS = `query Periods($agencyId: ID!) { performancePeriods(agencyId: $agencyId) { edges { node { year checkpoint closedOn } } } }`;
const weights = (W: number, B: number, C: number, P: number) => [
  { component: 'WORK_RESULTS', weight: W },
  { component: 'BEHAVIOUR', weight: B },
  { component: 'COMPETENCY', weight: C },
  { component: 'PUBLIC_FEEDBACK', weight: P },
];
const code = (answer: { errors?: { extensions: { code: string } }[] }) => answer.errors?.[0]?.extensions.code;
const newAgency = async (timeZone?: string) => {
  const id = randomUUID();
  await give(agencyRegistered(id, timeZone));
  return id;
};

describe('periods', () => {
  const open = (agencyId: string, year: number, viewer = admin) => graph(viewer, OPEN_PERIOD, { agencyId, year });

  test('are opened by ADMIN and by HR of the agency, once', async () => {
    const other = await newAgency();
    expect(code(await open(other, 2026, hr))).toBe('FORBIDDEN');
    expect(code(await open(other, 2026, as(randomUUID())))).toBe('FORBIDDEN');
    const { period } = dataOf(await open(other, 2026)).openPeriod;
    expect(period).toMatchObject({
      year: 2026,
      startsOn: '2026-01-01',
      endsOn: '2026-12-31',
      checkpoint: '2026-06-01',
      closedOn: null,
      agency: { id: other },
    });
    expect(code(await open(other, 2026))).toBe('PERIOD_EXISTS');
    expect(code(await open(agency, 2025, hr))).toBeUndefined();
    expect(code(await open(randomUUID(), 2026))).toBe('AGENCY_NOT_FOUND');
    expect(code(await open('agency', 2026))).toBe('INVALID_ID');
    expect(code(await open(other, 2040))).toBe('YEAR_OUT_OF_RANGE');
    expect(
      (await outboxOf(house.database.db, period.id)).map(({ type, seq }) => [type.split('.').at(-1), seq]),
    ).toEqual([
      ['CheckpointReached', 1],
      ['CheckpointReached', 2],
      ['CheckpointReached', 3],
      ['CheckpointReached', 4],
      ['CheckpointReached', 5],
      ['CheckpointReached', 6],
    ]);
  });

  test("reach their months by the agency's own midnight, and their end, once each", async () => {
    const [west, east] = [await newAgency('Asia/Jakarta'), await newAgency('Asia/Jayapura')];
    for (const id of [west, east]) dataOf(await open(id, 2026));
    const of = async (agencyId: string) =>
      dataOf(await graph(admin, PERIODS, { agencyId })).performancePeriods.edges[0].node;
    house.at('2026-06-30T15:30:00Z');
    await Promise.all([reachCheckpoints(house.database.db, house.by), reachCheckpoints(house.database.db, house.by)]);
    expect([await of(west), await of(east)]).toMatchObject([
      { checkpoint: '2026-06-01' },
      { checkpoint: '2026-07-01' },
    ]);
    house.at('2027-01-03T00:00:00Z');
    await reachCheckpoints(house.database.db, house.by);
    expect(await of(west)).toEqual({ year: 2026, checkpoint: '2026-12-01', closedOn: '2026-12-31' });
    expect(await reachCheckpoints(house.database.db, house.by)).toBe(0);
    const [{ id }] = await house.database.db.query('select id from performance_period where agency_id = $1', [west]);
    expect((await outboxOf(house.database.db, id)).map(({ type }) => type.split('.').at(-1))).toEqual([
      ...Array(12).fill('CheckpointReached'),
      'PeriodClosed',
    ]);
  });

  test('move the scores of their people', async () => {
    const [id, person] = [await newAgency(), randomUUID()];
    dataOf(await open(id, 2026));
    await give(employeeRegistered(person, id), hoursCounted(person, randomUUID(), [10]));
    expect(await scoreOf(house, person)).toMatchObject({ value: 100, checkpoint: '2026-06-01' });
    house.at('2026-10-02T00:00:00Z');
    await reachCheckpoints(house.database.db, house.by);
    await house.workOffAll();
    expect(await scoreOf(house, person)).toMatchObject({ value: 60, checkpoint: '2026-10-01' });
  });
});

describe('policies', () => {
  const input = { version: '2027-1', validFrom: '2027-01-01', source: 'Perwal 12/2026' };

  test('the national default is there, as the rules are tested with', async () => {
    const [{ rules }] = await house.database.db.query(
      'select rules from scoring_policy where agency_id is null order by valid_from',
    );
    expect(rules).toEqual(nationalRules);
    expect(dataOf(await graph(hr, POLICIES)).scoringPolicies.edges).toMatchObject([
      { node: { version: '2000-1', weights: weights(60, 20, 10, 10) } },
    ]);
  });

  test('are published by ADMIN alone, for periods that have not begun; the rest is as before', async () => {
    const own = await newAgency();
    dataOf(await graph(admin, OPEN_PERIOD, { agencyId: own, year: 2026 }));
    const publish = (over: object, viewer = admin) =>
      graph(viewer, PUBLISH, { input: { ...input, agencyId: own, ...over } });
    expect(code(await publish({}, hr))).toBe('FORBIDDEN');
    expect(code(await publish({ validFrom: '2026-01-01' }))).toBe('POLICY_NOT_NEXT_PERIOD');
    expect(code(await publish({ validFrom: '1999-01-01' }))).toBe('POLICY_BEFORE_FIRST');
    expect(code(await publish({ validFrom: '2027-07-01' }))).toBe('POLICY_NOT_NEXT_PERIOD');
    expect(code(await publish({ weights: weights(90, 10, 0, 0) }))).toBe('POLICY_OUTSIDE_GUARDRAILS');
    expect(code(await publish({ agencyId: randomUUID() }))).toBe('AGENCY_NOT_FOUND');
    const { policy } = dataOf(
      await publish({ weights: weights(50, 20, 20, 10), complaints: { share: 0.3, leastDue: 8 } }),
    ).publishPolicy;
    expect(policy).toMatchObject({
      version: '2027-1',
      validFrom: '2027-01-01',
      agency: { id: own },
      verified: false,
      weights: [
        { component: 'WORK_RESULTS', weight: 50, least: 40, most: 80 },
        { component: 'BEHAVIOUR', weight: 20 },
        { component: 'COMPETENCY', weight: 20 },
        { component: 'PUBLIC_FEEDBACK', weight: 10 },
      ],
      bandNeeds: { coverage: 0.8 },
      satisfaction: { share: 0.7, headElements: nationalRules.satisfaction.headElements, sample: { chiSquare: 3.841 } },
      complaints: { leastDue: 8 },
    });
    expect(code(await publish({}))).toBe('POLICY_VERSION_TAKEN');
    expect((await outboxOf(house.database.db, policy.id)).map(({ type, key }) => [type, key])).toEqual([
      ['merit.performance.v1.PolicyPublished', policy.id],
    ]);
  });

  test('an agency without a period may begin with its own', async () => {
    const own = await newAgency();
    const answer = await graph(admin, PUBLISH, {
      input: { ...input, agencyId: own, validFrom: '2026-01-01', weights: weights(40, 20, 30, 10) },
    });
    dataOf(answer);
    const person = randomUUID();
    await give(employeeRegistered(person, own), hoursCounted(person, randomUUID(), [5]));
    dataOf(await graph(admin, OPEN_PERIOD, { agencyId: own, year: 2026 }));
    await house.workOffAll();
    const score = await scoreOf(house, person);
    expect(score).toMatchObject({ value: 50, coverage: 0.3, policy: { version: '2027-1' } });
    expect(score.parts[2].weight).toBe(30);
  });
});
