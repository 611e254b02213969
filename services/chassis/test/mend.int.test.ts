/** What was missed, damaged or left behind: who is asked for it, and how what waits is settled without a person. */
import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { chassisMigrations } from '@merit/chassis/database';
import { outboxOf, testDatabase } from '@merit/chassis/testing';
import { ReplayRequestedSchema } from '@merit/proto/events';
import { pino } from 'pino';
import { compare, compareTotals } from '../../../scripts/src/merit/reconcile.js';
import { DomainError } from '../src/errors.js';
import { chunkHandler } from '../src/in/consumer.chunk.js';
import { appliedCounts } from '../src/in/consumer.count.table.js';
import { asOf, type Subscription, startConsumer } from '../src/in/consumer.js';
import type { Done } from '../src/in/consumer.transaction.js';
import { discardDeadLetter, retryDeadLetter, showDeadLetter } from '../src/in/deadletter.js';
import { emptySettled } from '../src/in/deadletter.retention.js';
import { mend } from '../src/in/mend.js';
import { askForMissing } from '../src/in/missing.js';
import { readModel } from '../src/in/readmodel.js';
import { appliedTotals, countLetters } from '../src/operations/operations.table.js';
import type { LogRecord } from '../src/transport/transport.js';
import { chunkOf, logRecord, TYPE } from './effects.js';
import { listDeadLetters, pageOfDeadLetters } from './letters.js';
import { createTally, endRecord, SOURCE, snapshotRecord, TOPIC, tallied, tally } from './tally.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const log = pino({ level: 'silent' });
const subscriptions: Subscription[] = [readModel(tally)];
const DAY = '2026-03-05';

beforeAll(() => createTally(database.db));
beforeEach(() =>
  database.db.query(
    'truncate tally, consumer_offset, applied_sequence, dead_letter, applied_by_source, outbox, event_sequence, snapshot_seen, source_timeline',
  ),
);

/** One partition, written to and read at once. */
function reading(taken: readonly Subscription[] = subscriptions) {
  const done: Done[] = [];
  const onDone = (_: string, each: Done) => void done.push(each);
  const handle = chunkHandler({ db: database.db, log, group: 'reader', subscriptions: taken, onDone });
  let next = 0;
  const take = (...records: readonly LogRecord[]) => {
    const placed = records.map((record, i) => ({ ...record, offset: next + i }));
    next += records.length;
    return handle(chunkOf(placed));
  };
  return { take, done };
}
const thing = `thing/${randomUUID()}`;
const other = `thing/${randomUUID()}`;
const event = (sequence: number, over = {}) =>
  logRecord(0, { aggregate: thing, key: 'a person', id: `e${sequence}`, sequence, ...over });
const upTo = (last: number) => Array.from({ length: last }, (_, i) => `e${i + 1}`);
const snapshot = (last: number, over = {}) =>
  snapshotRecord(0, 'run', { aggregate: thing, key: 'a person', ...over }, upTo(last));
const waiting = async () => (await listDeadLetters(database.db)).map(({ code, sequence }) => [code, sequence]);
const states = async () =>
  (await database.db.query('select state, count(*)::int as n from dead_letter group by 1 order by 1')) as unknown[];
const asked = async () =>
  (await outboxOf(database.db)).map(({ payload }) => {
    const { source, subject, fromSequence, consumer } = fromBinary(ReplayRequestedSchema, payload);
    return { source, subject, fromSequence, consumer };
  });
const counted = () => appliedCounts(database.db, { from: DAY, to: DAY });

describe('a gap', () => {
  test('is asked for once, and what comes again is applied in order without a person', async () => {
    const { take, done } = reading();
    await take(event(1), event(4), event(5));
    await take(event(4), event(6));
    expect(await asked()).toEqual([{ source: SOURCE, subject: thing, fromSequence: 2, consumer: 'reader' }]);
    expect(await mend(database.db, subscriptions)).toBe(0);
    await take(event(2), event(3), event(4));
    expect(await mend(database.db, subscriptions, () => false)).toBe(0);
    expect(await mend(database.db, subscriptions)).toBe(5);
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(6) });
    expect(await waiting()).toEqual([]);
    expect(done.map(({ gaps, inversions }) => [gaps, inversions])).toEqual([
      [1, 0],
      [0, 0],
      [0, 2],
    ]);
    expect(await counted()).toEqual([
      { topic: TOPIC, source: SOURCE, type: TYPE, day: DAY, applied: 6, discarded: 0, covered: 0 },
    ]);
  });

  test('behind another is asked for when its turn comes', async () => {
    const { take } = reading();
    await take(event(1), event(3), event(5));
    await take(event(2));
    expect(await mend(database.db, subscriptions)).toBe(2);
    expect(await waiting()).toEqual([['GAP', 5]]);
    expect((await asked()).map(({ fromSequence }) => fromSequence)).toEqual([2, 4]);
  });

  test('is settled by a snapshot, with what waits of that thing, and others of the key go on', async () => {
    const { take } = reading();
    const second = { aggregate: other, id: 'o1', sequence: 1 };
    await take(event(1), event(4), event(5), event(1, second));
    expect(await waiting()).toEqual([
      ['GAP', 4],
      ['WAITS', 5],
      ['WAITS', 1],
    ]);
    await take(snapshot(6), event(7));
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(6) });
    expect(await states()).toEqual([
      { state: 'SUPERSEDED', n: 2 },
      { state: 'WAITING', n: 2 },
    ]);
    expect(await mend(database.db, subscriptions)).toBe(2);
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(7), [other]: ['o1'] });
    // Two were letters; two more, 2 and 3 of them with 6, were never seen here.
    expect(await counted()).toEqual([
      {
        topic: TOPIC,
        source: SOURCE,
        type: 'merit.events.v1.Snapshot',
        day: DAY,
        applied: 0,
        discarded: 0,
        covered: 3,
      },
      { topic: TOPIC, source: SOURCE, type: TYPE, day: DAY, applied: 3, discarded: 0, covered: 2 },
    ]);
    await take(event(6), event(6, { id: 'unknown, and the same number' }));
    expect(await waiting()).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('of what is known already changes nothing, and of the past neither', async () => {
    const { take, done } = reading();
    await take(event(1), event(2), event(3));
    await take(snapshotRecord(0, 'run', { aggregate: thing, key: 'a person' }, ['another', 'another', 'another']));
    await take(snapshot(2));
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
    expect(done.at(-1)).toMatchObject({ replaced: 0, repeated: 1 });
  });

  test('is where a reader begins that never saw the beginning, amid events before and after it in one chunk', async () => {
    const { take } = reading();
    await take(
      event(1, { aggregate: other, key: 'b', id: 'o1' }),
      snapshot(8),
      event(9),
      event(2, { aggregate: other, key: 'b', id: 'o2' }),
      event(10),
    );
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(10), [other]: ['o1', 'o2'] });
    expect(await waiting()).toEqual([]);
  });

  test('brings back what a person left out, once, also behind later events', async () => {
    const refusing: Subscription = {
      ...readModel(tally),
      handle: async () => {
        throw new DomainError('REFUSED', 'Never.');
      },
    };
    await reading().take(event(1));
    await database.db.query('delete from consumer_offset');
    await reading([refusing]).take(event(2));
    const [letter] = await listDeadLetters(database.db);
    await discardDeadLetter(database.db, subscriptions, letter!.id, { by: 'me', reason: 'why' });
    await database.db.query('delete from consumer_offset');
    const again = reading();
    await again.take(event(3));
    expect(await tallied(database.db)).toEqual({ [thing]: ['e1', 'e3'] });
    await again.take(snapshot(3));
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
    await again.take(snapshot(3));
    expect(again.done.map(({ replaced }) => replaced)).toEqual([0, 1, 0]);
  });

  test('covers what waits and was never applied, and not what was and came again behind a parked key', async () => {
    const next = '2026-03-06';
    const late = { recordedAt: new Date(`${next}T08:00:00Z`) };
    const second = { aggregate: other, id: 'o2' };
    const { take } = reading();
    await take(event(1), event(2), event(3), event(2, second)); // 4 and 5 of the thing never come
    await take(event(1), event(2), event(3));
    expect(await waiting()).toHaveLength(4);
    await take(snapshot(3), snapshot(5, late));
    await take(snapshotRecord(0, 'run', { aggregate: other, key: 'a person' }, ['o1', 'o2']));
    expect(await waiting()).toEqual([]);
    const published = [
      { type: TYPE, day: DAY, published: 5 },
      { type: TYPE, day: next, published: 2 },
    ];
    const applied = (await appliedCounts(database.db)).map((row) => ({ ...row, waiting: 0 }));
    const pair = { reader: 'reader', topic: TOPIC, publisher: 'a', source: SOURCE };
    const lines = compare({ ...pair, before: published, after: published, applied });
    expect(lines.map(({ day, unexplained }) => [day, unexplained])).toEqual([
      [DAY, 0],
      [next, 0],
    ]);
    const inAll = { before: 7, after: 7, applied: await appliedTotals(database.db) };
    expect(compareTotals({ ...pair, ...inAll })).toMatchObject({ applied: 3, covered: 4, unexplained: 0 });
  });

  test('settles what diverged', async () => {
    const { take } = reading();
    await take(event(1), event(2), event(2, { id: 'of another history' }));
    expect(await waiting()).toEqual([['DIVERGED', 2]]);
    await take(snapshotRecord(0, 'run', { aggregate: thing, key: 'a person' }, ['e1', 'of another history']));
    expect(await tallied(database.db)).toEqual({ [thing]: ['e1', 'of another history'] });
    expect(await waiting()).toEqual([]);
    await take(event(2, { id: 'of another history' }), event(3));
    expect(await waiting()).toEqual([]);
  });
});

describe('a publisher that was restored from a backup', () => {
  test('is waited for until its snapshot comes; what it lost is forgotten at the snapshot’s end', async () => {
    const { take } = reading();
    const lost = { aggregate: other, key: 'b' };
    await take(event(1), event(2), event(3), event(1, { ...lost, id: 'o1' }));
    const risen = { timeline: 7 };
    await take(event(2, { ...risen, id: 'anew' }));
    expect(await waiting()).toEqual([['TIMELINE', 2]]);
    expect(await mend(database.db, subscriptions)).toBe(0);
    await take(
      snapshotRecord(0, 'r', { aggregate: thing, key: 'a person', ...risen }, ['e1', 'anew']),
      event(3, { ...risen, id: 'new 3' }),
    );
    expect(await mend(database.db, subscriptions)).toBe(1); // what came behind the snapshot, before its key was free
    expect(await tallied(database.db)).toEqual({ [thing]: ['e1', 'anew', 'new 3'], [other]: ['o1'] });
    expect(await waiting()).toEqual([]);
    await take(event(4)); // of a relay that was stopped before the restore, and wakes
    await take(endRecord(0, 'r', 0, 7));
    expect(await tallied(database.db)).toEqual({ [thing]: ['e1', 'anew', 'new 3'] });
    await take(event(2, { ...lost, id: 'o2' }), event(1, { ...lost, aggregate: 'thing/never heard of' }));
    expect(await tallied(database.db)).toEqual({ [thing]: ['e1', 'anew', 'new 3'] });
  });

  test('covers nothing that can be counted, also where its snapshot is retried', async () => {
    let broken = true;
    const model = readModel(tally);
    const breaking: Subscription = {
      ...model,
      handle: async (tx, events) => {
        if (broken) throw new DomainError('BROKEN', 'Not now.');
        await model.handle(tx, events);
      },
    };
    await reading().take(event(1));
    await database.db.query('truncate applied_by_source, consumer_offset');
    await reading([breaking]).take(snapshot(3, { timeline: 2 }));
    expect(await waiting()).toEqual([['BROKEN', 3]]);
    broken = false;
    const [letter] = await listDeadLetters(database.db);
    await retryDeadLetter(database.db, [breaking], letter!.id, { by: 'me', reason: 'it is whole' });
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
    expect((await counted()).filter(({ covered }) => covered > 0)).toEqual([]);
  });

  test('moves no number by what a person leaves out of it: what follows waits for the snapshot all the same', async () => {
    const decision = { by: 'me', reason: 'why' };
    const anew = (sequence: number) => event(sequence, { timeline: 7, id: `anew ${sequence}` });
    const { take } = reading();
    await take(event(1), event(2), anew(3), anew(4));
    const [letter] = await listDeadLetters(database.db);
    const { stoppedBy } = await discardDeadLetter(database.db, subscriptions, letter!.id, decision);
    expect(stoppedBy).toMatchObject({ code: 'TIMELINE', sequence: 4 });
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(2) });
    const ids = ['e1', 'anew 2', 'anew 3', 'anew 4'];
    await take(snapshotRecord(0, 'r', { aggregate: thing, key: 'a person', timeline: 7 }, ids));
    await take(anew(5));
    expect(await tallied(database.db)).toEqual({ [thing]: [...ids, 'anew 5'] });
    expect(await waiting()).toEqual([]);
    expect(await counted()).toEqual([
      { topic: TOPIC, source: SOURCE, type: TYPE, day: DAY, applied: 3, discarded: 1, covered: 1 },
    ]);
  });

  test('has its numbers to itself: what is left out of the history before takes none', async () => {
    const decision = { by: 'me', reason: 'why' };
    const refused = { ...readModel(tally), handle: () => Promise.reject(new DomainError('REFUSED', 'Not now.')) };
    const about = { aggregate: other, key: 'b' };
    await reading([refused]).take(event(1, { ...about, id: 'of before' }));
    await database.db.query('truncate consumer_offset');
    const { take } = reading();
    await take(endRecord(0, 'r', 0, 7));
    const [letter] = await listDeadLetters(database.db);
    await discardDeadLetter(database.db, subscriptions, letter!.id, decision);
    await take(event(1, { ...about, id: 'anew', timeline: 7 }));
    expect(await waiting()).toEqual([]);
    expect(await tallied(database.db)).toEqual({ [other]: ['anew'] });
    expect(await counted()).toEqual([
      { topic: TOPIC, source: SOURCE, type: TYPE, day: DAY, applied: 1, discarded: 0, covered: 0 },
    ]);
  });

  test('is believed in the numbers of what has no snapshots', async () => {
    const { take } = reading();
    await take(event(1), event(2));
    await take(event(6, { timeline: 2, id: 'sixth' }));
    await take(endRecord(0, 'r', 0, 2));
    expect(await mend(database.db, subscriptions)).toBe(1);
    await take(event(7, { timeline: 2, id: 'seventh' }));
    expect(await tallied(database.db)).toEqual({ [thing]: ['sixth', 'seventh'] });
    expect(await waiting()).toEqual([]);
  });

  test('has told everything only when all partitions say so', async () => {
    await database.db.query('insert into consumer_offset (topic, partition) values ($1, 1)', [TOPIC]);
    const { take } = reading();
    await take(event(1), endRecord(0, 'r', 0, 2));
    expect(await tallied(database.db)).toEqual({ [thing]: ['e1'] });
    const second = chunkHandler({ db: database.db, log, group: 'reader', subscriptions, onDone: () => undefined });
    await second(chunkOf([endRecord(0, 'r', 1, 2)], { partition: 1 }));
    expect(await tallied(database.db)).toEqual({});
  });
});

describe('a damaged record', () => {
  const picky: Subscription = {
    ...readModel(tally),
    handle: async (tx, events) => {
      if (events.some(({ payload }) => payload[0] === 255))
        throw new DomainError('PAYLOAD_INVALID', 'It is no message.');
      await tally.apply(tx, events);
    },
  };

  test('is asked for, replaced by the one that comes whole, and applied', async () => {
    const { take } = reading([picky]);
    await take(event(1), event(2, { payload: new Uint8Array([255]) }), event(3));
    expect(await asked()).toMatchObject([{ subject: thing, fromSequence: 2 }]);
    expect(await mend(database.db, [picky])).toBe(0);
    await take(event(2), event(3));
    expect(await mend(database.db, [picky])).toBe(2);
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
  });

  test('behind a gap is asked for once the gap is filled', async () => {
    const { take } = reading([picky]);
    await take(event(1), event(3, { payload: new Uint8Array([255]) }));
    await take(event(2), event(3));
    expect(await mend(database.db, [picky])).toBe(1);
    expect(await waiting()).toEqual([['PAYLOAD_INVALID', 3]]);
    expect((await asked()).map(({ fromSequence }) => fromSequence)).toEqual([2, 3]);
    await take(event(3));
    expect(await mend(database.db, [picky])).toBe(1);
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
  });

  test('that comes damaged again stays, and a whole one is not replaced by a damaged one', async () => {
    const { take } = reading([picky]);
    const bad = (n: number) => event(2, { payload: new Uint8Array([255, n]) });
    await take(event(1), bad(1), event(3));
    await take(bad(2), event(3, { payload: new Uint8Array([255]) }));
    expect(await mend(database.db, [picky])).toBe(0);
    expect(await waiting()).toEqual([
      ['PAYLOAD_INVALID', 2],
      ['WAITS', 3],
    ]);
    await take(event(2));
    expect(await mend(database.db, [picky])).toBe(2);
    expect(await asked()).toHaveLength(1);
  });

  test.each(['ce_id', 'ce_sequence', 'ce_time', 'ce_type'])(
    'without %s is known again, applied before or not',
    async (header) => {
      const { take } = reading();
      const without = (record: LogRecord) => {
        const { [header]: _, ...headers } = record.headers;
        return { ...record, headers };
      };
      await take(event(1), without(event(2)), event(3));
      expect((await waiting())[0]![0]).toBe('ENVELOPE_INVALID');
      expect(await asked()).toMatchObject([{ subject: thing, fromSequence: header === 'ce_sequence' ? 1 : 2 }]);
      await take(event(1), event(2), event(3));
      await mend(database.db, subscriptions);
      expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
      await take(without(event(2)));
      await take(event(1), event(2), event(3));
      await mend(database.db, subscriptions);
      expect(await countLetters(database.db, 'WAITING')).toBe(0);
      expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
    },
  );

  test('that came damaged twice, once without its id, is settled when it comes whole', async () => {
    const { take } = reading();
    const without = (header: string) => {
      const { [header]: _, ...headers } = event(2).headers;
      return { ...event(2), headers };
    };
    await take(event(1), without('ce_id'), without('ce_time'), event(3));
    await take(event(2));
    await mend(database.db, subscriptions);
    expect(await countLetters(database.db, 'WAITING')).toBe(0);
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
  });

  test('with a value that no column takes is damaged, and not tried five times', async () => {
    const strict: Subscription = {
      ...readModel(tally),
      handle: async (tx) => void (await tx.query(`select 'no id'::uuid`)),
    };
    const { take } = reading([strict]);
    await take(event(1));
    expect(await waiting()).toEqual([['PAYLOAD_INVALID', 1]]);
    await take(event(2, { aggregate: other, key: 'b', id: 'o2' }));
    await take(event(1, { aggregate: other, key: 'b', id: 'o1' }));
    expect(await mend(database.db, [strict])).toBe(0);
    const { code, message } = (await listDeadLetters(database.db)).find(({ eventId }) => eventId === 'o1')!;
    expect([code, message]).toEqual(['PAYLOAD_INVALID', expect.stringContaining('SQLSTATE 22P02')]);
  });

  test.each([
    ['ce_sequence', '2.0'],
    ['ce_timeline', '1e0'],
  ])('with %s %s is damaged, for digits alone are a number', async (header, value) => {
    const { take } = reading();
    const record = event(2);
    await take(event(1), { ...record, headers: { ...record.headers, [header]: value } });
    expect(await waiting()).toEqual([['ENVELOPE_INVALID', 2]]);
  });

  test('that was discarded without a number waits again when its event comes whole behind a gap', async () => {
    const { take } = reading();
    const whole = event(2);
    const { ce_time: _, ...headers } = whole.headers;
    await take(event(1), { ...whole, headers }, event(3));
    const [letter] = await listDeadLetters(database.db);
    const decision = { by: 'me', reason: 'why' };
    await discardDeadLetter(database.db, subscriptions, letter!.id, decision);
    expect(await waiting()).toEqual([['GAP', 3]]);
    await database.db.query('update dead_letter set settled_at = settled_at - make_interval(days => 91)');
    await emptySettled(database.db);
    expect((await showDeadLetter(database.db, letter!.id)).emptiedAt).not.toBeNull();
    await take({ ...whole, headers });
    expect(await waiting()).toEqual([['GAP', 3]]);
    await take(whole);
    expect(await waiting()).toEqual([
      ['GAP', 3],
      ['WAITS', 2],
    ]);
    expect((await showDeadLetter(database.db, letter!.id)).emptiedAt).toBeNull(); // it is whole, and is shown so
    expect(await mend(database.db, subscriptions)).toBe(2);
    expect(await tallied(database.db)).toEqual({ [thing]: upTo(3) });
  });

  test('of which nobody can be asked waits for a person', async () => {
    const { take } = reading();
    await take({ ...event(1), headers: { ce_id: 'known' } }, event(1, { aggregate: 'thing/no id', sequence: 4 }));
    expect(await outboxOf(database.db)).toEqual([]);
    expect(await mend(database.db, subscriptions)).toBe(0);
    expect(await countLetters(database.db, 'WAITING')).toBe(2);
  });
});

test('dead letters come page by page, those at fault first', async () => {
  const { take } = reading();
  const strangers = [1, 2, 3].map((n) => event(2, { aggregate: `thing/${n}`, key: `key ${n}`, id: `s${n}` }));
  await take(event(3), event(4), ...strangers, event(5));
  const all = await listDeadLetters(database.db);
  expect(all.map(({ code }) => code)).toEqual(['GAP', 'GAP', 'GAP', 'GAP', 'WAITS', 'WAITS']);
  const first = await pageOfDeadLetters(database.db, { first: 4 });
  const second = await pageOfDeadLetters(database.db, { first: 4, after: first.pageInfo.endCursor });
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  expect([...first.nodes, ...second.nodes]).toEqual(all);
  expect(await countLetters(database.db, 'WAITING')).toBe(6);
  await expect(retryDeadLetter(database.db, subscriptions, 'x', { by: 'me', reason: 'why' })).rejects.toMatchObject({
    code: 'DEAD_LETTER_NOT_FOUND',
  });
});

/** Nothing comes. */
const silence = {
  ensureTopics: async (topics: readonly string[]) => new Map(topics.map((topic) => [topic, 2])),
  subscribe: async () => ({ ready: () => true, stop: async () => undefined }),
  lag: async () => [],
  publish: async () => undefined,
  close: async () => undefined,
};

test('a topic without heartbeats makes nothing stale', async () => {
  const silent: Subscription = {
    topic: 'merit.requests.v1',
    types: [],
    heartbeats: false,
    handle: async () => undefined,
  };
  const consumer = await startConsumer({
    db: database.db,
    transport: silence,
    group: 'reader',
    subscriptions: [silent],
    log,
  });
  const before = Date.now();
  expect((await consumer.asOf()).getTime()).toBeGreaterThanOrEqual(before);
  await consumer.stop();
  const beating = await startConsumer({
    db: database.db,
    transport: silence,
    group: 'reader',
    subscriptions: [silent, ...subscriptions],
    log,
  });
  expect(await asOf(database.db)).toEqual(new Date(0));
  await beating.stop();
});

test('a topic that is read no longer makes nothing stale', async () => {
  const options = { db: database.db, transport: silence, group: 'reader', log };
  await database.db.query(`update consumer_offset set heartbeats = true, as_of = 'epoch'`);
  await database.db.query(`insert into consumer_offset (topic, partition, as_of) values ('merit.left.v1', 0, 'epoch')`);
  const before = Date.now();
  const none = await startConsumer({ ...options, subscriptions: [] });
  expect((await none.asOf()).getTime()).toBeGreaterThanOrEqual(before);
  await none.stop();
  const again = await startConsumer({ ...options, subscriptions });
  expect(await asOf(database.db)).toEqual(new Date(0));
  await again.stop();
  const silent = await database.db.query('select distinct topic from consumer_offset where not heartbeats');
  expect(silent).toContainEqual({ topic: 'merit.left.v1' });
});

describe('what is missing', () => {
  const later = (seconds: number) =>
    database.db.query(
      `update dead_letter set parked_at = parked_at - $1 * interval '1 second', asked_at = asked_at - $1 * interval '1 second'`,
      [seconds],
    );
  const ask = () => askForMissing(database.db, 'reader');
  const askedOf = async () => (await asked()).map(({ subject, fromSequence }) => [subject, fromSequence]);

  test('is asked for again when it does not come, each time after as long again as it has waited', async () => {
    const { take } = reading();
    await take(event(1), event(3));
    expect(await ask()).toBe(0);
    await later(16);
    expect(await ask()).toBe(1);
    expect(await askedOf()).toEqual([
      [thing, 2],
      [thing, 2],
    ]);
    await later(14);
    expect(await ask()).toBe(0);
    await later(3);
    expect(await ask()).toBe(1);
    await later(20);
    expect(await ask()).toBe(0); // 33 s had passed when it was asked for last
    await take(event(2));
    await later(1_000);
    expect(await ask()).toBe(0);
    expect(await mend(database.db, subscriptions)).toBe(2);
  });

  test('is asked for again also where it was asked for before the clock was set back', async () => {
    const { take } = reading();
    await take(event(1), event(3));
    await later(-3_600);
    expect(await ask()).toBe(1);
    expect(await ask()).toBe(0);
    await later(-3_600);
    expect(await ask()).toBe(1);
    await later(16);
    expect(await ask()).toBe(1);
  });

  test('of a damaged record is the event itself, until it has come whole', async () => {
    const { take } = reading();
    const { ce_time: _, ...headers } = event(2).headers;
    await take(event(1), { ...event(2), headers }, event(3));
    await later(16);
    expect(await ask()).toBe(1);
    expect(await askedOf()).toEqual([
      [thing, 2],
      [thing, 2],
    ]);
    await take(event(2));
    await later(1_000);
    expect(await ask()).toBe(0);
  });

  test('behind another is asked for at once, of each thing from the first number that it lacks', async () => {
    const { take } = reading();
    const second = (sequence: number) => event(sequence, { aggregate: other, id: `o${sequence}` });
    await take(event(2), event(4), second(2), second(3), second(6));
    expect(await ask()).toBe(1);
    expect(await askedOf()).toEqual([
      [thing, 1],
      [other, 1],
    ]);
    expect(await ask()).toBe(0);
    await take(event(1), event(3), ...[1, 4, 5].map(second));
    await later(1_000);
    expect(await ask()).toBe(0);
    expect(await mend(database.db, subscriptions)).toBe(10);
  });

  test('waits for a snapshot where it belongs to a history that is not known yet', async () => {
    const { take } = reading();
    await take(event(1), event(4, { timeline: 2 }), event(6, { timeline: 2 }));
    expect(await waiting()).toEqual([
      ['TIMELINE', 4],
      ['WAITS', 6],
    ]);
    await later(1_000);
    expect(await ask()).toBe(0);
  });
});

test('a long line is applied many at a time, and stops at the one at fault with all before it done', async () => {
  const LAST = 333;
  const FAULTY = 222;
  const portions: number[] = [];
  let faulty = true;
  const picky: Subscription = {
    ...readModel(tally),
    handle: async (tx, events) => {
      if (faulty && events.some(({ sequence }) => sequence === FAULTY)) throw new DomainError('NOT_YET', 'Not yet.');
      portions.push(events.length);
      await tally.apply(tx, events);
    },
  };
  const { take } = reading([picky]);
  await take(...Array.from({ length: LAST - 1 }, (_, i) => event(i + 2)));
  await take(event(1));
  expect(await mend(database.db, [picky])).toBe(FAULTY - 1);
  expect((await waiting())[0]).toEqual(['NOT_YET', FAULTY]);
  expect(portions.length).toBeLessThan(30);
  faulty = false;
  const [first] = await listDeadLetters(database.db);
  const { settled } = await retryDeadLetter(database.db, [picky], first!.id, { by: 'me', reason: 'why' });
  expect(settled).toBe(LAST - FAULTY + 1);
  expect(await tallied(database.db)).toEqual({ [thing]: upTo(LAST) });
});
