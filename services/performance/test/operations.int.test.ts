/** What operators see of events and do about them, with a damaged event that holds up a person's hours. */
import { randomUUID } from 'node:crypto';
import type { Viewer } from '@merit/chassis/api/viewer';
import { deliver } from '@merit/chassis/in/consumer';
import { chunkHandler } from '@merit/chassis/in/consumer.chunk';
import { emptySettled } from '@merit/chassis/in/deadletter.retention';
import { createLog } from '@merit/chassis/log';
import { type Operations, withOperations } from '@merit/chassis/operations/operations.graph';
import { operationsTypeDefs } from '@merit/chassis/operations/operations.sdl';
import { encode } from '@merit/chassis/out/outbox';
import { testDatabase, testGraph } from '@merit/chassis/testing';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { enforceAccess } from '@merit/directory/access';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import { contracts } from '@merit/proto/contracts';
import { Role } from '@merit/proto/personnel';
import { Kind, type ObjectTypeDefinitionNode, type ObjectTypeExtensionNode, parse, print } from 'graphql';
import { v7 } from 'uuid';
import { chunkOf, logRecord, outboxEvent, write } from '../../chassis/test/effects.js';
import { subscriptions } from '../src/consumers.js';
import { entities, migrations } from '../src/database.js';
import { resolvers } from '../src/resolvers.js';
import {
  admin,
  agencyRegistered,
  as,
  dataOf,
  employeeRegistered,
  operator,
  PUBLIC,
  roleGranted,
  typeDefs,
} from './scene.js';

const database = testDatabase({ entities, migrations });
const eventLog = testDatabase({ entities: [], migrations: [] });
const log = createLog('test', process.env['LOG_LEVEL'] ?? 'silent');
const clock = { now: () => new Date(), newId: () => v7() };
const taken = subscriptions(clock);
let transport: Operations['transport'];
const operations: Operations = {
  name: 'performance',
  source: '/merit/performance',
  topic: 'merit.performance.v1',
  get transport() {
    return transport;
  },
  group: 'performance',
  subscriptions: taken,
  contracts,
  log,
};
const graph = testGraph({
  db: database,
  ...withOperations({ typeDefs, resolvers }, operations),
  protect: enforceAccess,
  firstAdmin: 'admin',
});
const [agency, employee, hr] = [randomUUID(), randomUUID(), randomUUID()];

beforeAll(async () => {
  transport = await openTransport({ EVENT_LOG_URL: eventLog.url }, log);
  await deliver(database.db, taken, [
    agencyRegistered(agency),
    employeeRegistered(employee, agency),
    employeeRegistered(hr, agency),
    roleGranted(hr, Role.HR, agency),
  ]);
});
afterAll(() => transport.close(5_000));
beforeEach(() =>
  database.db.query(
    'truncate dead_letter, consumer_offset, applied_sequence, applied_by_source, operation_audit, outbox, outbox_line, outbox_parked, rebuild',
  ),
);

const everyoneElse: [string, Viewer][] = [
  ['the public', PUBLIC],
  ['a partner', { kind: 'CLIENT', subject: 'partner', clientId: 'partner' }],
  ['an employee', as(employee)],
  ['a personnel officer', as(hr)],
  ['an operator without a role', operator('nobody')],
];

/** Every field that operations add to Query and Mutation, with arguments that would do. */
const ROOTS: [string, string][] = [
  ['performanceEvents', '{ performanceEvents { topic } }'],
  ['retryPerformanceDeadLetter', 'mutation { retryPerformanceDeadLetter(input: { id: "1" }) { applied } }'],
  [
    'discardPerformanceDeadLetter',
    'mutation { discardPerformanceDeadLetter(input: { id: "1", reason: "r" }) { applied } }',
  ],
  ['unparkPerformanceEvents', 'mutation { unparkPerformanceEvents(input: { key: "k", reason: "r" }) { events } }'],
  ['replayPerformanceEvents', 'mutation { replayPerformanceEvents(input: { key: "k", reason: "r" }) { events } }'],
  [
    'rebuildPerformanceModel',
    'mutation { rebuildPerformanceModel(input: { model: "directory", reason: "r" }) { rebuild { id } } }',
  ],
  [
    'finishPerformanceRebuild',
    `mutation { finishPerformanceRebuild(input: { model: "directory", id: "${randomUUID()}", swap: false, reason: "r" }) { rebuild { id } } }`,
  ],
  ['snapshotPerformanceEvents', 'mutation { snapshotPerformanceEvents(input: { reason: "r" }) { snapshot { id } } }'],
  ['raisePerformanceTimeline', 'mutation { raisePerformanceTimeline(input: { reason: "r" }) { timeline } }'],
];

const objects = parse(operationsTypeDefs('performance')).definitions.filter(
  (node): node is ObjectTypeDefinitionNode | ObjectTypeExtensionNode =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION,
);
const isRoot = ({ name }: (typeof objects)[number]) => ['Query', 'Mutation'].includes(name.value);

describe('is for ADMIN alone', () => {
  test('the list above is whole', () => {
    const roots = objects.filter(isRoot).flatMap(({ fields }) => fields!.map(({ name }) => name.value));
    expect(roots.sort()).toEqual(ROOTS.map(([name]) => name).sort());
  });

  test('every field says so, of the roots and of every type below them', () => {
    const rule = (node: { directives?: readonly unknown[] }) =>
      (node.directives ?? []).map((each) => print(each as never)).find((text) => text.startsWith('@access'));
    const rules = objects.flatMap((type) =>
      type.fields!.map((field) => [`${type.name.value}.${field.name.value}`, rule(field) ?? rule(type)]),
    );
    expect(rules.length).toBeGreaterThan(80);
    expect(rules.filter(([, found]) => found !== '@access(to: [ADMIN])')).toEqual([]);
  });

  describe.each(everyoneElse)('%s', (_, viewer) => {
    test.each(ROOTS)('is refused %s, and nothing is done', async (name, query) => {
      const { errors, data } = await graph(viewer, query);
      expect(errors?.map(({ extensions, path }) => [extensions.code, path])).toEqual([['FORBIDDEN', [name]]]);
      expect(data?.[name] ?? null).toBeNull();
      expect(await database.db.query('select from operation_audit')).toEqual([]);
    });
  });
});

const TOPIC = 'merit.competency.v1';
const handler = () =>
  chunkHandler({
    db: database.db,
    log,
    group: 'performance',
    subscriptions: taken,
    onDone: () => undefined,
  });

/** A ledger's events, of which the first cannot be read. */
async function damaged(
  count: number,
  ledger: string = randomUUID(),
  firstOffset = 0,
  handle = handler(),
): Promise<string> {
  const payload = (version: number) =>
    encode(LearningHoursCountedSchema, {
      ledgerId: ledger,
      employeeId: employee,
      year: 2026,
      counted: String(version),
      entitlement: '20',
      version: BigInt(version),
      records: [],
    });
  const records = Array.from({ length: count }, (_, n) =>
    logRecord(firstOffset + n, {
      source: '/merit/competency',
      type: LearningHoursCountedSchema.typeName,
      aggregate: `ledger/${ledger}`,
      key: ledger,
      sequence: n + 1,
      payload: n === 0 ? new Uint8Array([0xff, 0xff, 0x01]) : payload(n + 1),
      headers: { ce_actor: 'system' },
    }),
  );
  await handle(chunkOf(records, { topic: TOPIC }));
  return ledger;
}

const LIST = `query ($first: Int, $after: String, $state: DeadLetterState) { performanceEvents {
  deadLetters(first: $first, after: $after, state: $state) { total edges { node { id code sequence waitsFor } } pageInfo { hasNextPage endCursor } } } }`;
const SHOW = `query ($id: ID!) { performanceEvents { deadLetter(id: $id) {
  id type source subject sequence key topic partition offset headers { name value } payload { bytes json problem hex }
  code message attempts state settledBy settledReason waitsFor waitingBehind behind { id sequence } } } }`;
const AUDIT =
  '{ performanceEvents { audit { total edges { node { action target doneBy reason outcome detail endedAt } } } } }';
const RETRY = `mutation ($input: RetryDeadLetterInput!) { retryPerformanceDeadLetter(input: $input) {
  applied waiting stoppedBy { id code attempts } deadLetter { state } } }`;
const DISCARD = `mutation ($input: DiscardDeadLetterInput!) { discardPerformanceDeadLetter(input: $input) {
  applied waiting stoppedBy { id } deadLetter { state settledBy settledReason } } }`;

const listed = async (variables: object = {}) =>
  dataOf(await graph(admin, LIST, variables)).performanceEvents.deadLetters;
const shown = async (id: string) => dataOf(await graph(admin, SHOW, { id })).performanceEvents.deadLetter;
const audited = async () => {
  const { total, edges } = dataOf(await graph(admin, AUDIT)).performanceEvents.audit;
  expect(edges).toHaveLength(total);
  return edges.map(({ node }: { node: object }) => node);
};
const codeOf = ({ errors }: { errors?: { extensions: { code: string } }[] }) => errors?.[0]?.extensions.code;

describe('a damaged event', () => {
  test('is listed first, shown with what can be said of it, and what waits behind it', async () => {
    const ledger = await damaged(3);
    const { total, edges } = await listed();
    expect(total).toBe(3);
    const [first, second] = edges.map(({ node }: { node: object }) => node);
    expect([first.code, second.code, second.waitsFor]).toEqual(['PAYLOAD_INVALID', 'WAITS', first.id]);
    const letter = await shown(first.id);
    expect(letter).toMatchObject({
      type: 'merit.competency.v1.LearningHoursCounted',
      source: '/merit/competency',
      subject: `ledger/${ledger}`,
      ...{ sequence: 1, key: ledger, topic: TOPIC, partition: 0, offset: 0 },
      ...{ state: 'WAITING', waitsFor: null, waitingBehind: 2, settledBy: null },
      behind: [{ sequence: 2 }, { sequence: 3 }],
    });
    expect(letter.payload).toEqual({ bytes: 3, json: null, problem: expect.stringMatching(/\w/), hex: 'ffff01' });
    expect(letter.headers).toContainEqual({ name: 'ce_actor', value: 'system' });
    const payload = JSON.parse((await shown(second.id)).payload.json);
    expect(payload).toMatchObject({ ledgerId: ledger, counted: '2', entitlement: '20', year: 2026 });
  });

  test('is shown to nobody without a note of it, and its length to anybody', async () => {
    await damaged(2);
    const [{ node: first }, { node: second }] = (await listed()).edges;
    const bytes = 'query ($id: ID!) { performanceEvents { deadLetter(id: $id) { payload { bytes problem } } } }';
    expect(dataOf(await graph(admin, bytes, { id: first.id })).performanceEvents.deadLetter.payload.bytes).toBe(3);
    expect(await audited()).toEqual([]);
    await shown(first.id); // asks for both, and one of them is there
    await shown(second.id);
    expect(await audited()).toMatchObject([
      { action: 'showPayload', target: `dead letter ${second.id}`, doneBy: 'operator/admin', outcome: 'DONE' },
      { action: 'showPayload', target: `dead letter ${first.id}`, doneBy: 'operator/admin', outcome: 'DONE' },
    ]);
    await database.db.query('alter table operation_audit rename to gone');
    try {
      const { data } = await graph(admin, SHOW, { id: first.id });
      expect(JSON.stringify(data)).not.toContain('ffff01');
    } finally {
      await database.db.query('alter table gone rename to operation_audit');
    }
  });

  test('is still damaged when it is retried, and that is written down', async () => {
    await damaged(2);
    const [{ node }] = (await listed()).edges;
    const { retryPerformanceDeadLetter: outcome } = dataOf(
      await graph(admin, RETRY, { input: { id: node.id, reason: 'trying' } }),
    );
    expect(outcome).toEqual({
      ...{ applied: 0, waiting: 2, deadLetter: { state: 'WAITING' } },
      stoppedBy: { id: node.id, code: 'PAYLOAD_INVALID', attempts: 2 },
    });
    expect(await audited()).toEqual([
      {
        ...{ action: 'retryDeadLetter', target: `dead letter ${node.id}`, doneBy: 'operator/admin', reason: 'trying' },
        ...{ outcome: 'DONE', detail: JSON.stringify({ applied: 0, stoppedBy: node.id }), endedAt: expect.any(String) },
      },
    ]);
  });

  test('left out by a decision lets the others go on, once for a key, and the decision is kept', async () => {
    await damaged(3);
    const [{ node }] = (await listed()).edges;
    const input = { id: node.id, reason: 'The ledger is counted anew in its next event.', idempotencyKey: 'one' };
    const { discardPerformanceDeadLetter: outcome } = dataOf(await graph(admin, DISCARD, { input }));
    expect(outcome).toEqual({
      ...{ applied: 2, waiting: 0, stoppedBy: null },
      deadLetter: { state: 'DISCARDED', settledBy: 'operator/admin', settledReason: input.reason },
    });
    expect((await listed()).total).toBe(0);
    expect((await listed({ state: 'RETRIED' })).total).toBe(2);
    expect(dataOf(await graph(admin, DISCARD, { input })).discardPerformanceDeadLetter.applied).toBe(2);
    const other = { ...input, reason: 'another' };
    expect(codeOf(await graph(admin, DISCARD, { input: other }))).toBe('IDEMPOTENCY_KEY_REUSED');
    const { idempotencyKey: _, ...again } = input;
    expect(codeOf(await graph(admin, DISCARD, { input: again }))).toBe('DEAD_LETTER_SETTLED');
    expect((await audited()).map(({ outcome }: { outcome: string }) => outcome)).toEqual(['FAILED', 'DONE']);
  });

  test('keeps the decision once it is settled, and what it said for as long as the retention says', async () => {
    const handle = handler();
    await damaged(2, randomUUID(), 0, handle);
    const [{ node }] = (await listed()).edges;
    await graph(admin, DISCARD, { input: { id: node.id, reason: 'for a test' } });
    const aged = (days: number) =>
      database.db.query(
        `update dead_letter set settled_at = clock_timestamp() - make_interval(days => $1) where settled_at is not null`,
        [days],
      );
    await aged(89);
    await emptySettled(database.db);
    const before = await shown(node.id);
    expect(before.headers.length).toBeGreaterThan(5);
    await damaged(1, randomUUID(), 2, handle);
    await aged(91);
    await emptySettled(database.db);
    const { headers, payload, ...rest } = await shown(node.id);
    expect(rest).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => name in rest)));
    expect(rest).toMatchObject({ state: 'DISCARDED', settledReason: 'for a test', code: 'PAYLOAD_INVALID' });
    expect(headers.map(({ name }: { name: string }) => name)).toEqual(['ce_source', 'ce_subject', 'ce_type']);
    expect(payload).toEqual({ bytes: 0, json: null, hex: null, problem: expect.stringContaining('it was removed on') });
    // What waits is whole, however old.
    const bytes = await database.db.query(
      'select state, octet_length(value) > 0 as whole from dead_letter order by id',
    );
    expect(bytes).toEqual([
      { state: 'DISCARDED', whole: false },
      { state: 'RETRIED', whole: false },
      { state: 'WAITING', whole: true },
    ]);
  });

  test('is not left out for no reason', async () => {
    await damaged(1);
    const [{ node }] = (await listed()).edges;
    expect(codeOf(await graph(admin, DISCARD, { input: { id: node.id, reason: ' ' } }))).toBe('TEXT_REQUIRED');
    expect((await listed()).total).toBe(1);
  });

  test.each(['0', '-1', 'x', '1 or 1=1', '9'.repeat(40), randomUUID()])('%p is no number of one', async (id) => {
    expect(codeOf(await graph(admin, SHOW, { id }))).toBe('INVALID_ID');
    expect(codeOf(await graph(admin, RETRY, { input: { id } }))).toBe('INVALID_ID');
  });

  test('that is not there is null to see, and an error to retry', async () => {
    expect(await shown('999')).toBeNull();
    expect(codeOf(await graph(admin, RETRY, { input: { id: '999' } }))).toBe('DEAD_LETTER_NOT_FOUND');
  });
});

test('an event that was applied and comes again behind a parked key does not count as set aside', async () => {
  const key = randomUUID();
  const once = (offset: number) =>
    logRecord(offset, {
      source: '/merit/competency',
      type: 'merit.competency.v1.MentoringLogged',
      ...{ id: 'once', aggregate: `mentoring/${key}`, key, sequence: 1 },
    });
  const handle = handler();
  await handle(chunkOf([once(0)], { topic: TOPIC }));
  await damaged(2, key, 1, handle);
  await handle(chunkOf([once(3)], { topic: TOPIC }));
  expect((await listed()).total).toBe(3);
  const counts = 'topic source applied discarded covered waiting';
  const days = '(from: "2026-01-01", to: "2026-12-31")';
  const { appliedInAll, applied } = dataOf(
    await graph(admin, `{ performanceEvents { appliedInAll { ${counts} } applied${days} { type waiting } } }`),
  ).performanceEvents;
  expect(appliedInAll).toEqual([
    { topic: TOPIC, source: '/merit/competency', applied: 1, discarded: 0, covered: 0, waiting: 2 },
  ]);
  expect(applied).toEqual(
    expect.arrayContaining([
      { type: 'merit.competency.v1.MentoringLogged', waiting: 0 },
      { type: 'merit.competency.v1.LearningHoursCounted', waiting: 2 },
    ]),
  );
});

test('an action whose process ended in its midst may be begun again with its key, and not before', async () => {
  await damaged(1);
  const [{ node }] = (await listed()).edges;
  const input = { id: node.id, reason: 'a reason', idempotencyKey: 'one' };
  const begun = (ago: string) =>
    database.db.query(
      `insert into operation_audit (action, target, input, done_by, request_key, began_at)
       values ('retryDeadLetter', 'x', $1, 'operator/admin', 'one', clock_timestamp() - $2::interval)`,
      [{ id: node.id, reason: 'a reason' }, ago],
    );
  await begun('1 second');
  expect(codeOf(await graph(admin, RETRY, { input }))).toBe('IDEMPOTENCY_IN_PROGRESS');
  const broken = ['2 minutes', '-1 hour']; // the one in the future was begun before the clock was set back
  for (const ago of broken) {
    await database.db.query('truncate operation_audit');
    await begun(ago);
    expect(dataOf(await graph(admin, RETRY, { input })).retryPerformanceDeadLetter.waiting).toBe(1);
  }
});

test('10,000 dead letters come page by page, each once, those at fault first', async () => {
  await database.db.query(
    `insert into dead_letter (event_id, topic, partition, "offset", key, sequence, headers, value, code, message, attempts)
     select 'event ' || n, 'merit.competency.v1', 0, n, 'key ' || n / 2, n, '{}', '\\x00',
            case when n % 2 = 0 then 'FAILED' else 'WAITS' end, 'for a test', 1 from generate_series(1, 10000) as n`,
  );
  const seen: string[] = [];
  let codes = '';
  for (let after: string | null = null; ; ) {
    const page = await listed({ first: 100, after });
    expect(page.total).toBe(10_000);
    for (const { node } of page.edges) {
      seen.push(node.id);
      codes += node.code === 'WAITS' ? 'w' : 'f';
    }
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(new Set(seen).size).toBe(10_000);
  expect(codes).toBe('f'.repeat(5_000) + 'w'.repeat(5_000));
  expect(codeOf(await graph(admin, LIST, { first: 101 }))).toBe('PAGE_TOO_LARGE');
  await database.db.query('analyze dead_letter');
  const [plan] = await database.db.query(
    `explain (format json) select id from dead_letter where state = 'WAITING' order by (code = 'WAITS')::int, id limit 101`,
  );
  expect(JSON.stringify(plan)).toContain('dead_letter_listed');
});

describe('what goes out', () => {
  const OUT = `{ performanceEvents { source topic timeline asOf relay { backlog parked } lag { topic lag } parkedEvents { total edges { node { key error bytes } } }
    snapshots { id requestedBy reason endedAt } } }`;
  const key = randomUUID();
  const parkAll = (of: string) =>
    database.db.query(
      `with gone as (delete from outbox_line l using outbox o where o.id = l.id and key = $1 returning l.id)
       insert into outbox_parked select id, $1, null, false, 1, 'too large' from gone`,
      [of],
    );

  test('what waits, what is parked, and how far others were read', async () => {
    const topics = [...new Set(taken.map(({ topic }) => topic))];
    await transport.ensureTopics(topics);
    await write(database.db, [outboxEvent(randomUUID()), outboxEvent(randomUUID(), { key })]);
    await parkAll(key);
    const { performanceEvents: seen } = dataOf(await graph(admin, OUT));
    expect(seen).toMatchObject({
      ...{ source: '/merit/performance', topic: 'merit.performance.v1', timeline: 1 },
      relay: { backlog: 1, parked: 1 },
      parkedEvents: { total: 1, edges: [{ node: { key, error: 'too large', bytes: 1 } }] },
    });
    expect(new Set(seen.lag.map(({ topic }: { topic: string }) => topic))).toEqual(new Set(topics));
  });

  test('what waits, is set aside and known is told also while the transport is away, and how old that is', async () => {
    await damaged(1);
    await write(database.db, [outboxEvent(randomUUID())]);
    await database.db.query('delete from consumer_offset');
    await database.db.query(
      `insert into consumer_offset (topic, partition, as_of) values ($1, 0, clock_timestamp() - interval '1 hour')`,
      [TOPIC],
    );
    const there = transport;
    const seen = async () => {
      const selection = 'now asOf lag { lag } relay { backlog } deadLetters { total }';
      const { now, asOf, ...more } = dataOf(
        await graph(admin, `{ performanceEvents { ${selection} } }`),
      ).performanceEvents;
      expect((Date.parse(now) - Date.parse(asOf)) / 1_000).toBeCloseTo(3_600, -1);
      return more;
    };
    // One event was asked for again, too.
    const away = { lag: null, relay: { backlog: 2 }, deadLetters: { total: 1 } };
    try {
      transport = { ...there, lag: () => Promise.reject(new Error('Nobody listens where Kafka should be.')) };
      expect(await seen()).toEqual(away);
      transport = { ...there, lag: () => new Promise(() => undefined) };
      expect(await seen()).toEqual(away);
    } finally {
      transport = there;
    }
  });

  test('a parked key is let go, and who did it is known', async () => {
    await write(database.db, [outboxEvent(randomUUID(), { key })]);
    await parkAll(key);
    const unpark = `mutation ($input: UnparkEventsInput!) { unparkPerformanceEvents(input: $input) { events } }`;
    const input = { key, reason: 'The broker takes larger records now.', idempotencyKey: randomUUID() };
    expect(dataOf(await graph(admin, unpark, { input })).unparkPerformanceEvents.events).toBe(1);
    expect(dataOf(await graph(admin, unpark, { input })).unparkPerformanceEvents.events).toBe(1);
    expect(await audited()).toMatchObject([
      { action: 'unparkEvents', target: key, reason: input.reason, doneBy: 'operator/admin', outcome: 'DONE' },
    ]);
  });

  test('a replay puts published events back in line; of nothing, it says so', async () => {
    await write(database.db, [outboxEvent(randomUUID(), { key }), outboxEvent(randomUUID())]);
    await database.db.query('truncate outbox_line');
    const replay = `mutation ($input: ReplayEventsInput!) { replayPerformanceEvents(input: $input) { events next } }`;
    const input = { key, reason: 'A reader lost them.' };
    expect(dataOf(await graph(admin, replay, { input })).replayPerformanceEvents).toEqual({ events: 1, next: null });
    expect(codeOf(await graph(admin, replay, { input: { ...input, after: 'x' } }))).toBe('INVALID_ID');
    const again = dataOf(await graph(admin, replay, { input }));
    expect(again.replayPerformanceEvents.events).toBe(0); // it is in line already, which is no reason to ask for a snapshot
    const unknown = { key: randomUUID(), reason: 'A reader lost them.' };
    expect(codeOf(await graph(admin, replay, { input: unknown }))).toBe('REPLAY_EMPTY');
    expect(codeOf(await graph(admin, replay, { input: { reason: 'everything' } }))).toBe('BAD_USER_INPUT');
    expect((await audited()).map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'FAILED',
      'FAILED',
      'DONE',
      'DONE',
    ]);
  });

  test('a snapshot is asked for, and a timeline raised, under a name and for a reason', async () => {
    const snapshot = `mutation { snapshotPerformanceEvents(input: { reason: "a new reader" }) { snapshot { id requestedBy reason endedAt } } }`;
    const { snapshot: run } = dataOf(await graph(admin, snapshot)).snapshotPerformanceEvents;
    expect(run).toMatchObject({ requestedBy: 'operator/admin', reason: 'a new reader', endedAt: null });
    const raise = `mutation { raisePerformanceTimeline(input: { reason: "restored from Monday's backup" }) { timeline } }`;
    const { timeline } = dataOf(await graph(admin, raise)).raisePerformanceTimeline;
    expect(timeline).toBeGreaterThan(1);
    const { performanceEvents: seen } = dataOf(await graph(admin, OUT));
    expect(seen.timeline).toBe(timeline);
    expect(seen.snapshots).toContainEqual(run);
    expect(await audited()).toHaveLength(2);
  });

  test('what was published is counted by type and day', async () => {
    await database.db.query(`insert into published_count values ('merit.performance.v1.PlanAgreed', '2026-03-04', 7)`);
    const counts = `{ performanceEvents { published(from: "2026-03-01", to: "2026-03-31") { type day published } } }`;
    expect(dataOf(await graph(admin, counts)).performanceEvents.published).toEqual([
      { type: 'merit.performance.v1.PlanAgreed', day: '2026-03-04', published: 7 },
    ]);
  });
});

describe('a read model built anew', () => {
  const REBUILD = `mutation ($input: RebuildModelInput!) { rebuildPerformanceModel(input: $input) { rebuild { id model state requestedBy reason partitions partitionsDone } } }`;
  const FINISH = `mutation ($input: FinishRebuildInput!) { finishPerformanceRebuild(input: $input) { rebuild { id state settledBy } } }`;
  const input = { model: 'directory', reason: 'a bug wrote it' };

  test('is opened once, seen, and dropped, each under a name', async () => {
    expect(codeOf(await graph(admin, REBUILD, { input }))).toBe('REBUILD_NOTHING_READ');
    await database.db.query(`insert into consumer_offset (topic, partition) values ('merit.personnel.v1', 0)`);
    const { rebuild } = dataOf(await graph(admin, REBUILD, { input })).rebuildPerformanceModel;
    expect(rebuild).toMatchObject({ ...input, state: 'FILLING', requestedBy: 'operator/admin', partitionsDone: 0 });
    expect(codeOf(await graph(admin, REBUILD, { input }))).toBe('REBUILD_OPEN');
    const early = `{ performanceEvents { rebuildDifferences(model: "directory", id: "${rebuild.id}") { table } } }`;
    expect(codeOf(await graph(admin, early))).toBe('REBUILD_NOT_READY');
    const { id } = rebuild;
    expect(codeOf(await graph(admin, FINISH, { input: { ...input, id, swap: true } }))).toBe('REBUILD_NOT_READY');
    const other = { ...input, id: randomUUID(), swap: false };
    expect(codeOf(await graph(admin, FINISH, { input: other }))).toBe('REBUILD_ANOTHER');
    const given = { input: { ...input, id, swap: false } };
    const dropped = dataOf(await graph(admin, FINISH, given)).finishPerformanceRebuild;
    expect(dropped.rebuild).toEqual({ id: rebuild.id, state: 'DROPPED', settledBy: 'operator/admin' });
    const done = (await audited()).map(({ action, outcome }: Record<string, string>) => `${action} ${outcome}`);
    expect(done).toEqual([
      'dropRebuild DONE',
      'dropRebuild FAILED',
      'swapRebuild FAILED',
      'rebuildModel FAILED',
      'rebuildModel DONE',
      'rebuildModel FAILED',
    ]);
  });

  test('is one of those that there are', async () => {
    const { models } = dataOf(await graph(admin, '{ performanceEvents { models } }')).performanceEvents;
    expect(models).toContain('directory');
    const unknown = { ...input, model: 'directery' };
    expect(codeOf(await graph(admin, REBUILD, { input: unknown }))).toBe('BAD_USER_INPUT');
  });
});

test('what became of events is counted by type and day, with what is set aside', async () => {
  await damaged(3);
  const counts = `{ performanceEvents { applied(from: "2026-03-01", to: "2026-03-31") { topic type day applied discarded covered waiting } } }`;
  const row = { topic: TOPIC, type: LearningHoursCountedSchema.typeName, day: '2026-03-05', covered: 0 };
  const seen = async () => dataOf(await graph(admin, counts)).performanceEvents.applied;
  expect(await seen()).toEqual([{ ...row, applied: 0, discarded: 0, waiting: 3 }]);
  const [{ node }] = (await listed()).edges;
  dataOf(await graph(admin, DISCARD, { input: { id: node.id, reason: 'for a test' } }));
  expect(await seen()).toEqual([{ ...row, applied: 2, discarded: 1, waiting: 0 }]);
});
