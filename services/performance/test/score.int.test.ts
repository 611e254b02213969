import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { deliver, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { outboxOf } from '@merit/chassis/testing';
import { ScoreChangedSchema } from '@merit/proto/performance';
import { AssignmentAnnulledSchema, EmployeeLeftSchema, ServiceEndedSchema } from '@merit/proto/personnel';
import { subscriptions } from '../src/consumers.js';
import { workOff } from '../src/score/backlog.commands.js';
import { knownOf } from '../src/score/known.table.js';
import {
  AGREE_PLAN,
  admin,
  agencyRegistered,
  as,
  away,
  complaintResolved,
  DRAFT_PLAN,
  dataOf,
  employeeRegistered,
  event,
  hoursCounted,
  OPEN_PERIOD,
  oneResult,
  positionAssigned,
  REPORT,
  satisfactionMeasured,
  scene,
  scoreOf,
  serviceAssigned,
  serviceRegistered,
  unitRegistered,
} from './scene.js';

const house = scene();
const { give, graph } = house;
const [agency, unit] = [randomUUID(), randomUUID()];

beforeAll(async () => {
  await give(agencyRegistered(agency), unitRegistered(unit, agency));
  dataOf(await graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
  await house.workOffAll();
});

const attainments = async (id: string) =>
  Object.fromEntries(
    ((await scoreOf(house, id))?.parts ?? []).map((p: { component: string; attainment: number | null }) => [
      p.component,
      p.attainment,
    ]),
  );

/** Everything that is said of someone who leads nobody, serves at a counter and was away for a month. */
function lifeOf(id: string, service: string): ReceivedEvent[] {
  return [
    employeeRegistered(id, agency),
    positionAssigned(id, unit),
    away(id, '2026-02-01', '2026-02-28'),
    serviceAssigned(id, service, '2026-01-01'),
    hoursCounted(id, ledgerOf(id), [3], 1),
    hoursCounted(id, ledgerOf(id), [3, 4], 2),
    serviceRegistered(service, unit),
    satisfactionMeasured(service, unit, '2026-05-31', 40, 3.2),
    ...[true, true, true, true, false].map((inTime) => complaintResolved(service, unit, inTime)),
  ];
}
const ledgerOf = (id: string) => id.replace(/^.{8}/, '11111111');

describe('events in, a score out', () => {
  test('hours are due from the first month on, so C counts at 0', async () => {
    const id = randomUUID();
    await give(employeeRegistered(id, agency));
    expect(await scoreOf(house, id)).toMatchObject({
      value: 0,
      band: null,
      coverage: 0.1,
      checkpoint: '2026-06-01',
      policy: { version: '2000-1' },
    });
  });

  test('a training counts within the transaction of its event', async () => {
    const id = randomUUID();
    await give(employeeRegistered(id, agency), hoursCounted(id, ledgerOf(id), [3, 4]));
    const score = await scoreOf(house, id);
    expect(score).toMatchObject({ value: 70 });
    expect(score.parts[2]).toMatchObject({
      component: 'COMPETENCY',
      weight: 10,
      attainment: 70,
      contribution: 70,
      note: '7 of 10 hours due',
      sources: [
        { type: 'TrainingCompleted', quantity: 3, counted: 3, reason: null, occurredAt: '2026-03-02T03:00:00.000Z' },
        { type: 'TrainingCompleted', quantity: 4, counted: 4, reason: null },
      ],
    });
  });

  test('a training that was corrected is named so', async () => {
    const id = randomUUID();
    await give(employeeRegistered(id, agency), hoursCounted(id, ledgerOf(id), [3], 2, 'TrainingCorrected'));
    const { parts } = await scoreOf(house, id);
    expect(parts[2].sources).toMatchObject([{ type: 'TrainingCorrected', quantity: 3 }]);
  });

  test('a whole life comes to one score, whatever the order, twice or once, known or unknown', async () => {
    const expected = { WORK_RESULTS: null, BEHAVIOUR: null, COMPETENCY: 84, PUBLIC_FEEDBACK: 80 };
    const orders = [
      (events: ReceivedEvent[]) => events,
      (events: ReceivedEvent[]) => [...events].reverse(),
      (events: ReceivedEvent[]) => [...events, ...events],
      (events: ReceivedEvent[]) => [...events.slice(4), ...events.slice(0, 4)],
      (events: ReceivedEvent[]) => [...events].sort((a, b) => (a.payload.length % 7) - (b.payload.length % 7)),
    ];
    const scores = [];
    for (const order of orders) {
      const [id, service] = [randomUUID(), randomUUID()];
      for (const one of order(lifeOf(id, service))) await give(one);
      expect(await attainments(id)).toEqual(expected);
      scores.push(await comparable(id));
    }
    for (const score of scores) expect(score).toEqual(scores[0]);
  });

  test('the same in one chunk as one by one', async () => {
    const [id, service] = [randomUUID(), randomUUID()];
    await give(...lifeOf(id, service));
    expect(await attainments(id)).toMatchObject({ COMPETENCY: 84, PUBLIC_FEEDBACK: 80 });
  });

  /** A score without the ids of the events of this life. */
  const comparable = async (id: string) => {
    const { parts, ...score } = await scoreOf(house, id);
    const own = ({ eventId: _, ...source }: { eventId: string }) => source;
    return {
      ...score,
      parts: parts.map((p: { sources: { eventId: string }[] }) => ({ ...p, sources: p.sources.map(own) })),
    };
  };

  test('a revoked training leaves the score that would have been without it', async () => {
    const [with3, without] = [randomUUID(), randomUUID()];
    await give(
      employeeRegistered(with3, agency),
      employeeRegistered(without, agency),
      hoursCounted(without, ledgerOf(without), [3], 1),
      hoursCounted(with3, ledgerOf(with3), [3, 4], 2),
      hoursCounted(with3, ledgerOf(with3), [3], 3),
    );
    expect(await scoreOf(house, with3)).toEqual(await scoreOf(house, without));
  });

  test('when nothing changes, nothing is said; what is said carries the version', async () => {
    const id = randomUUID();
    await give(employeeRegistered(id, agency), hoursCounted(id, ledgerOf(id), [3], 1));
    await give(hoursCounted(id, ledgerOf(id), [3], 1));
    await give(hoursCounted(id, ledgerOf(id), [3, 2], 2));
    const [{ id: scoreId }] = await house.database.db.query('select id from score where employee_id = $1', [id]);
    const said = (await outboxOf(house.database.db, scoreId)).map(({ payload, seq, key }) => ({
      seq,
      key,
      ...fromBinary(ScoreChangedSchema, payload),
    }));
    expect(said).toMatchObject([
      { seq: 1, key: id, employeeId: id, year: 2026, value: '0.00', version: 1n }, // registered: hours are due
      { seq: 2, value: '30.00', version: 2n },
      { seq: 3, value: '50.00', version: 3n },
    ]);
  });

  test('an event that makes no sense is refused whole', async () => {
    const id = randomUUID();
    const bad = hoursCounted(id, ledgerOf(id), [Number.NaN]);
    await expect(give(employeeRegistered(id, agency), bad)).rejects.toMatchObject({ code: 'EVENT_UNREADABLE' });
    const { db } = house.database;
    expect(await db.query('select id from fact where employee_id = $1', [id])).toEqual([]);
    expect(await db.query('select id from directory_employee where id = $1', [id])).toEqual([]);
  });
});

describe('a score as it is read', () => {
  const HISTORY = `query History($id: ID!, $after: String) { _entities(representations: [{ __typename: "Employee", id: $id }]) { ... on Employee {
    score(year: 2026) { version asOf changedAt history(first: 2, after: $after) { edges { node { version value asOf changedAt parts { sources { quantity } } } } pageInfo { hasNextPage endCursor } } } } } }`;

  test('its history is every value that it has had, with its parts, the latest first', async () => {
    const [id, ledger] = [randomUUID(), randomUUID()];
    await give(employeeRegistered(id, agency));
    for (const n of [1, 2, 3]) await give(hoursCounted(id, ledger, Array(n).fill(2), n));
    const read = async (after?: string) => dataOf(await graph(as(id), HISTORY, { id, after }))._entities[0].score;
    const { version, history } = await read();
    expect(version).toBe(4);
    expect(
      history.edges.map(({ node }: { node: { version: number; value: number } }) => [node.version, node.value]),
    ).toEqual([
      [4, 60],
      [3, 40],
    ]);
    const earlier = (await read(history.pageInfo.endCursor)).history;
    expect(earlier.edges[0].node).toMatchObject({ version: 2, value: 20, asOf: earlier.edges[0].node.changedAt });
    expect(earlier.edges[0].node.parts[2].sources).toEqual([{ quantity: 2 }]);
    expect(earlier.edges[1].node).toMatchObject({ version: 1, value: 0 });
    expect(earlier.pageInfo.hasNextPage).toBe(false);
  });

  test('it holds as of the earliest that was not heard or not worked off yet', async () => {
    const [id, service] = [randomUUID(), randomUUID()];
    const { db } = house.database;
    await give(employeeRegistered(id, agency));
    const asOf = async () => new Date(dataOf(await graph(as(id), HISTORY, { id }))._entities[0].score.asOf);
    const before = new Date();
    expect((await asOf()).getTime()).toBeGreaterThanOrEqual(before.getTime());
    await deliver(db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-05-31', 40, 3)]);
    const [{ since }] = await db.query('select min(marked_at) as since from score_backlog');
    expect(await asOf()).toEqual(since);
    await house.workOffAll();
    expect((await asOf()).getTime()).toBeGreaterThan(since.getTime());
    await db.query(
      `insert into consumer_offset (topic, partition, as_of) values ('merit.feedback.v1', 0, '2026-06-01')`,
    );
    expect(await asOf()).toEqual(new Date('2026-06-01'));
    await db.query('delete from consumer_offset');
  });

  test('of what respondents said, nobody learns who and when', async () => {
    const [id, service] = [randomUUID(), randomUUID()];
    const measured = satisfactionMeasured(service, unit, '2026-05-31', 12, 3);
    await give(employeeRegistered(id, agency), serviceAssigned(id, service), { ...measured, actor: `employee/${id}` });
    expect((await scoreOf(house, id)).parts[3]).toMatchObject({
      attainment: null,
      contribution: 0,
      note: 'left out: n = 12, needs 30',
      sources: [
        {
          eventId: measured.id,
          type: 'SatisfactionMeasured',
          quantity: 12,
          counted: 0,
          reason: 'TOO_FEW_RESPONDENTS',
          occurredAt: null,
          actor: null,
        },
      ],
    });
  });
});

describe('what becomes known later', () => {
  test('a service that was measured counts for who turns out to have served it', async () => {
    const [id, service] = [randomUUID(), randomUUID()];
    await give(satisfactionMeasured(service, unit, '2026-05-31', 36, 3));
    await give(employeeRegistered(id, agency));
    expect((await attainments(id)).PUBLIC_FEEDBACK).toBeNull();
    const assignment = randomUUID();
    await give(serviceAssigned(id, service, '2026-01-01', assignment));
    expect((await attainments(id)).PUBLIC_FEEDBACK).toBe(75);
    await give(
      event(ServiceEndedSchema, {
        serviceAssignmentId: assignment,
        employeeId: id,
        serviceId: service,
        validTo: '2025-12-31',
      }),
    );
    expect((await attainments(id)).PUBLIC_FEEDBACK).toBeNull();
  });

  test('a period that is opened gives everyone a score; the next months move it', async () => {
    const [other, id] = [randomUUID(), randomUUID()];
    await give(
      agencyRegistered(other, 'Asia/Jayapura'),
      employeeRegistered(id, other),
      hoursCounted(id, ledgerOf(id), [5]),
    );
    expect(await scoreOf(house, id)).toBeNull();
    dataOf(await graph(admin, OPEN_PERIOD, { agencyId: other, year: 2026 }));
    expect(await scoreOf(house, id)).toBeNull(); // noted in the transaction, done right after it
    await house.workOffAll();
    expect(await scoreOf(house, id)).toMatchObject({ value: 50, checkpoint: '2026-06-01' });
  });

  test('who leaves stops owing hours', async () => {
    const id = randomUUID();
    await give(employeeRegistered(id, agency), hoursCounted(id, ledgerOf(id), [4]));
    expect((await attainments(id)).COMPETENCY).toBe(40);
    await give(event(EmployeeLeftSchema, { employeeId: id, validTo: '2026-03-31' }));
    expect((await attainments(id)).COMPETENCY).toBe(80);
  });

  test('a head answers for the unit, until someone else turns out to hold the post', async () => {
    const [led, head, definitive, service] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const assignmentId = randomUUID();
    await give(
      unitRegistered(led, agency),
      employeeRegistered(head, agency),
      employeeRegistered(definitive, agency),
      positionAssigned(head, led, { leading: true, kind: 2 }),
      satisfactionMeasured(service, led, '2026-05-31', 40, 3.6),
    );
    expect((await attainments(head)).PUBLIC_FEEDBACK).toBe(90);
    await give(positionAssigned(definitive, led, { leading: true, assignmentId }));
    expect(await attainments(head)).toMatchObject({ PUBLIC_FEEDBACK: null });
    expect((await attainments(definitive)).PUBLIC_FEEDBACK).toBe(90);
    await give(event(AssignmentAnnulledSchema, { assignmentId, employeeId: definitive, recordedAt: { seconds: 1n } }));
    expect((await attainments(head)).PUBLIC_FEEDBACK).toBe(90);
  });

  test('an absence that is taken back never was', async () => {
    const [id, availabilityId] = [randomUUID(), randomUUID()];
    await give(
      employeeRegistered(id, agency),
      hoursCounted(id, ledgerOf(id), [4]),
      away(id, '2026-01-01', '2026-03-31', { availabilityId }),
    );
    expect((await attainments(id)).COMPETENCY).toBe(80);
    await give(away(id, '2026-01-01', '2026-03-31', { availabilityId, cancelled: true }));
    expect((await attainments(id)).COMPETENCY).toBe(40);
  });
});

describe('many people', () => {
  test('a measurement reaches everyone who serves, chunk by chunk, and goes on where it stopped', async () => {
    const service = randomUUID();
    const people = Array.from({ length: 1_100 }, () => randomUUID());
    await give(...people.flatMap((id) => [employeeRegistered(id, agency), serviceAssigned(id, service, '2026-01-01')]));
    const { db } = house.database;
    const counted = async () => {
      const [{ n }] = await db.query(
        `select count(*)::int as n from score s join score_version v on v.score_id = s.id and v.version = s.version and v.year = s.year
          where s.employee_id = any($1) and v.coverage = 0.2`,
        [people],
      );
      return n;
    };
    await deliver(db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-05-31', 40, 3)]);
    expect(await counted()).toBe(0);
    const reached = [];
    while (await workOff(db, house.by)) reached.push(await counted());
    expect(reached).toEqual([500, 1_000, 1_100]);
  });
});

describe('with a plan', () => {
  test('a realisation counts when the answer comes', async () => {
    const [boss, id] = [randomUUID(), randomUUID()];
    const own = randomUUID();
    await give(
      unitRegistered(own, agency),
      employeeRegistered(boss, agency),
      employeeRegistered(id, agency),
      positionAssigned(boss, own, { leading: true }),
      positionAssigned(id, own),
    );
    const drafted = dataOf(
      await graph(as(id), DRAFT_PLAN, { input: { employeeId: id, year: 2026, workResults: oneResult() } }),
    );
    const { plan } = drafted.draftPlan;
    expect((await attainments(id)).WORK_RESULTS).toBeNull();
    dataOf(await graph(as(boss), AGREE_PLAN, { input: { planId: plan.id } }));
    expect((await attainments(id)).WORK_RESULTS).toBe(0);
    const [{ id: indicatorId }] = plan.workResults[0].indicators;
    const input = { indicatorId, quantity: 54, realisedOn: '2026-06-10', evidence: { text: 'Rekap SIAK Juni' } };
    dataOf(await graph(as(id), REPORT, { input }));
    const score = await scoreOf(house, id);
    expect(score).toMatchObject({ value: 77.14, coverage: 0.7 });
    expect(score.parts[0]).toMatchObject({
      attainment: 90,
      contribution: 77.14,
      sources: [
        { type: 'RealisationReported', quantity: 54, counted: 54, actor: { kind: 'EMPLOYEE', employee: { id } } },
      ],
    });
  });
});

test('people are found one by one through the index, however large the directory is', async () => {
  const { db } = house.database;
  const tx = db.createQueryRunner();
  await tx.startTransaction();
  try {
    const rows: { id: string }[] = await tx.query(
      `insert into directory_employee (id, kind, service_from)
       select uuidv7(), 'PNS', '2020-01-01' from generate_series(1, 10000) returning id`,
    );
    await tx.query(
      `insert into directory_employment (employee_id, agency_id, valid_from)
       select id, $1, service_from from directory_employee on conflict do nothing`,
      [agency],
    );
    await tx.query('analyze directory_employee, directory_employment');
    const scans = `select sum(seq_scan)::int as n from pg_stat_xact_user_tables
                    where relname in ('directory_employee', 'directory_employment')`;
    const [before] = await tx.query(scans);
    const keys = rows.slice(0, 500).map(({ id }) => ({ employeeId: id, year: 2026 }));
    expect((await knownOf(tx.manager, keys)).size).toBe(500);
    expect(await tx.query(scans)).toEqual([before]);
  } finally {
    await tx.rollbackTransaction();
    await tx.release();
  }
});
