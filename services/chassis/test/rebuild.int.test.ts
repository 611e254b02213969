/** A read model built anew beside itself, while events go on: opened, compared, swapped in, dropped. */
import { fromBinary } from '@bufbuild/protobuf';
import { chassisMigrations } from '@merit/chassis/database';
import { outboxOf, testDatabase } from '@merit/chassis/testing';
import { SnapshotRequestedSchema } from '@merit/proto/events';
import { pino } from 'pino';
import { DomainError } from '../src/errors.js';
import { chunkHandler } from '../src/in/consumer.chunk.js';
import type { Subscription } from '../src/in/consumer.js';
import { discardDeadLetter, retryDeadLetter } from '../src/in/deadletter.js';
import { readModel } from '../src/in/readmodel.js';
import { compareRebuild } from '../src/in/rebuild.compare.js';
import { dropRebuild, startRebuild, swapRebuild } from '../src/in/rebuild.js';
import { rebuilds } from '../src/in/rebuild.table.js';
import type { LogRecord } from '../src/transport/transport.js';
import { chunkOf, logRecord } from './effects.js';
import { eventually } from './eventually.js';
import { listDeadLetters } from './letters.js';
import { createTally, endRecord, SOURCE, snapshotRecord, tallied, tally } from './tally.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const log = pino({ level: 'silent' });
const by = { by: 'employee/1', reason: 'it looks wrong', source: SOURCE };
const PARTITIONS = 2;

beforeEach(async () => {
  for (const schema of ['rebuild_tally', 'replaced_tally'])
    await database.db.query(`drop schema if exists ${schema} cascade`);
  await database.db.query('drop table if exists tally');
  await createTally(database.db);
  const tables =
    'consumer_offset, applied_sequence, dead_letter, applied_by_source, outbox, event_sequence, rebuild, snapshot_seen, source_timeline';
  await database.db.query(`truncate ${tables}`);
});

/** The partitions of the topic, each with a publisher's records in order and a reader. */
function topic(subscriptions: readonly Subscription[] = [readModel(tally)]) {
  const options = { db: database.db, log, group: 'test', subscriptions, onDone: () => undefined };
  const handlers = Array.from({ length: PARTITIONS }, () => chunkHandler(options));
  const next = Array.from({ length: PARTITIONS }, () => 0);
  const histories = new Map<string, string[]>();
  const partitionOf = (thing: number) => thing % PARTITIONS;
  const put = async (partition: number, make: (offset: number) => LogRecord[]) => {
    const records = make(next[partition]!);
    next[partition]! += records.length;
    await handlers[partition]!(chunkOf(records, { partition }));
  };
  const about = (thing: number) => ({ aggregate: `thing/${thing}`, key: `key ${thing}` });
  return {
    put,
    about,
    histories,
    /** So many events of a thing, in one chunk. */
    events: (thing: number, count = 1) =>
      put(partitionOf(thing), (offset) =>
        Array.from({ length: count }, (_, i) => {
          const ids = histories.get(about(thing).aggregate) ?? [];
          const id = `${thing}.${ids.length + 1}`;
          histories.set(about(thing).aggregate, [...ids, id]);
          return logRecord(offset + i, { ...about(thing), id, sequence: ids.length + 1 });
        }),
      ),
    snapshot: (thing: number, run: string) =>
      put(partitionOf(thing), (offset) => [
        snapshotRecord(offset, run, about(thing), histories.get(`thing/${thing}`)!),
      ]),
    end: (partition: number, run: string) => put(partition, (offset) => [endRecord(offset, run, partition)]),
  };
}
const state = async () => (await rebuilds(database.db))[0];

test('is complete once its snapshot has come on all partitions, equals the live one, and takes its place under traffic', async () => {
  const { events, snapshot, end, histories } = topic();
  for (const thing of [0, 1, 2, 3]) await events(thing, 3);
  const { id } = await startRebuild(database.db, tally, by);
  const [request] = await outboxOf(database.db, id);
  expect(fromBinary(SnapshotRequestedSchema, request!.payload)).toMatchObject({ requestId: id, source: SOURCE });
  expect(await state()).toMatchObject({ id, state: 'FILLING', partitionsDone: 0, partitions: 2, aggregates: 0 });
  await events(0, 2); // before its snapshot: counts there through the snapshot alone
  await events(4, 1); // new: counts from its first event
  await snapshot(0, id);
  await events(0, 2);
  await snapshot(2, id);
  await snapshot(4, id);
  await end(0, id);
  expect(await state()).toMatchObject({ state: 'FILLING', partitionsDone: 1, aggregates: 3 });
  await expect(compareRebuild(database.db, tally, id)).rejects.toMatchObject({ code: 'REBUILD_NOT_READY' });
  await snapshot(1, id);
  await snapshot(3, id);
  await end(1, id);
  await events(3, 1);
  expect(await state()).toMatchObject({ state: 'READY', partitionsDone: 2, aggregates: 5 });
  expect(await tallied(database.db, 'rebuild_tally.tally')).toEqual(Object.fromEntries(histories));
  expect(await compareRebuild(database.db, tally, id)).toEqual([
    { table: 'tally', onlyLive: 0, onlyRebuilt: 0, examples: [] },
  ]);

  await database.db.query(`update tally set ids = '{lost}' where aggregate = 'thing/1'`);
  expect(await compareRebuild(database.db, tally, id)).toMatchObject([
    { onlyLive: 1, onlyRebuilt: 1, examples: [{ in: 'LIVE', row: { ids: ['lost'] } }, { in: 'REBUILT' }] },
  ]);
  const traffic = (async () => {
    for (let n = 0; n < 10; n += 1) await Promise.all([events(0, 2), events(1, 2)]);
  })();
  await swapRebuild(database.db, tally, id, by);
  await traffic;
  expect(await tallied(database.db)).toEqual(Object.fromEntries(histories));
  expect(await state()).toMatchObject({ state: 'SWAPPED', settledBy: 'employee/1', aggregates: null });
  const indexes = await database.db.query(
    `select indexname from pg_indexes where schemaname = 'public' and tablename = 'tally' order by 1`,
  );
  expect(indexes).toEqual([{ indexname: 'tally_by_length' }, { indexname: 'tally_pkey' }]);
  expect(await database.db.query('select from consumer_offset where rebuilding <> array[]::text[]')).toEqual([]);
});

test('that was looked at is not mistaken for the one that somebody else began since', async () => {
  const { events, snapshot, end } = topic();
  for (const thing of [0, 1]) await events(thing);
  const complete = async (who: string) => {
    const { id } = await startRebuild(database.db, tally, { ...by, by: who });
    for (const thing of [0, 1]) await snapshot(thing, id);
    for (const partition of [0, 1]) await end(partition, id);
    return id;
  };
  const mine = await complete('operator/a');
  await compareRebuild(database.db, tally, mine);
  await dropRebuild(database.db, tally, mine, by);
  const theirs = await complete('operator/b');
  const another = { code: 'REBUILD_ANOTHER', params: { id: theirs, requestedBy: 'operator/b' } };
  await expect(swapRebuild(database.db, tally, mine, by)).rejects.toMatchObject(another);
  await expect(dropRebuild(database.db, tally, mine, by)).rejects.toMatchObject(another);
  await expect(compareRebuild(database.db, tally, mine)).rejects.toMatchObject(another);
  expect(await state()).toMatchObject({ id: theirs, state: 'READY' });
});

test('of tables that take long to compare says so, goes on, and keeps what it found', async () => {
  const { db } = database;
  const { events, snapshot, end } = topic();
  for (const thing of [0, 1]) await events(thing);
  const { id } = await startRebuild(db, tally, by);
  for (const thing of [0, 1]) await snapshot(thing, id);
  for (const partition of [0, 1]) await end(partition, id);
  await db.query(`alter table tally rename to quick;
    create view tally as select quick.* from quick, (select pg_sleep(5) offset 0) as slow`);
  try {
    await expect(compareRebuild(db, tally, id)).rejects.toMatchObject({ code: 'REBUILD_COMPARING' });
    const equal = [{ table: 'tally', onlyLive: 0, onlyRebuilt: 0, examples: [] }];
    expect(await compareRebuild(db, tally, id)).toEqual(equal);
    await db.query('drop view tally');
    expect(await compareRebuild(db, tally, id)).toEqual(equal);
  } finally {
    await db.query('drop view if exists tally; alter table quick rename to tally');
  }
});

test('is seen by every member at once, however it falls between their chunks', async () => {
  const { events, snapshot, end, histories } = topic();
  for (const thing of [0, 1]) await events(thing, 1);
  for (let round = 0; round < 5; round += 1) {
    const traffic = [0, 1].map(async (thing) => {
      for (let n = 0; n < 12; n += 1) await events(thing, 1);
    });
    const { id } = await startRebuild(database.db, tally, by);
    await Promise.all(traffic);
    await Promise.all([0, 1].map((thing) => snapshot(thing, id)));
    await Promise.all([0, 1].map((partition) => end(partition, id)));
    await Promise.all([0, 1].map((thing) => events(thing, 2)));
    expect(await state()).toMatchObject({ state: 'READY' });
    expect(await tallied(database.db, 'rebuild_tally.tally')).toEqual(Object.fromEntries(histories));
    await (round % 2 === 0 ? swapRebuild : dropRebuild)(database.db, tally, id, by);
    expect(await tallied(database.db)).toEqual(Object.fromEntries(histories));
  }
});

test('that cannot be applied has failed, and the live one goes on', async () => {
  const picky = readModel({
    ...tally,
    apply: async (tx, given) => {
      const [{ schema }] = await tx.query('select current_schema() as schema');
      if (schema === 'rebuild_tally') throw new Error('it does not fit');
      await tally.apply(tx, given);
    },
  });
  const { events, snapshot, histories } = topic([picky]);
  await events(0, 2);
  const { id } = await startRebuild(database.db, tally, by);
  await snapshot(0, id);
  await events(0, 1);
  expect(await state()).toMatchObject({ state: 'FAILED', error: 'it does not fit' });
  expect(await tallied(database.db)).toEqual(Object.fromEntries(histories));
  await expect(swapRebuild(database.db, tally, id, by)).rejects.toMatchObject({ code: 'REBUILD_NOT_READY' });
  const { id: second } = await startRebuild(database.db, tally, by);
  expect((await rebuilds(database.db)).map((each) => each.state)).toEqual(['FILLING', 'DROPPED']);
  await expect(startRebuild(database.db, tally, by)).rejects.toMatchObject({ code: 'REBUILD_OPEN' });
  await dropRebuild(database.db, tally, second, by);
  await expect(dropRebuild(database.db, tally, second, by)).rejects.toMatchObject({ code: 'REBUILD_NOT_FOUND' });
  expect(await database.db.query(`select to_regclass('rebuild_tally.tally') as there`)).toEqual([{ there: null }]);
});

test('goes on when the database crawls while it is fed, and fails when it alone takes too long', async () => {
  let crawls = 3;
  const busy: Promise<unknown>[] = [];
  /** Whoever wants to look at the rebuild waits for this, which waits for the transaction that is open. */
  const crawl = async () => {
    const all = 'lock table rebuild';
    busy.push(database.db.transaction((tx) => tx.query(all)));
    const waits = `select from pg_stat_activity where query = $1 and wait_event_type = 'Lock'`;
    await eventually(async () => (await database.db.query(waits, [all])).length > 0);
  };
  const slow = readModel({
    ...tally,
    apply: async (tx, given) => {
      await tally.apply(tx, given);
      const [{ schema }] = await tx.query('select current_schema() as schema');
      if (schema !== 'rebuild_tally' || !given.some(({ sequence }) => sequence > 2)) return;
      if (crawls === 0) return;
      if (crawls > 0) await crawl();
      await tx.query(`set local statement_timeout = '20ms'`);
      await tx.query('select pg_sleep(5)');
    },
  });
  const { put, about, events, snapshot, histories } = topic([slow]);
  await events(0, 2);
  const { id } = await startRebuild(database.db, tally, by);
  await snapshot(0, id);
  const third = (offset: number) => [logRecord(offset, { ...about(0), id: '0.3', sequence: 3 })];
  for (; crawls > 0; crawls -= 1) {
    await expect(put(0, () => third(3))).rejects.toThrow('crawls');
    await Promise.all(busy.splice(0));
  }
  expect(await state()).toMatchObject({ state: 'FILLING', error: null });
  expect(await listDeadLetters(database.db)).toEqual([]);
  await put(0, () => third(3));
  histories.get('thing/0')!.push('0.3');
  for (const table of ['tally', 'rebuild_tally.tally'])
    expect(await tallied(database.db, table)).toEqual(Object.fromEntries(histories));
  crawls = -1;
  await put(0, () => [logRecord(4, { ...about(0), id: '0.4', sequence: 4 })]);
  expect(await state()).toMatchObject({ state: 'FAILED', error: expect.stringContaining('57014') });
});

test('leaves out what a person has left out of the live one', async () => {
  const picky = readModel({
    ...tally,
    apply: async (tx, given) => {
      if (given.some(({ id }) => id === '0.3')) throw new DomainError('PAYLOAD_INVALID', 'it does not fit');
      await tally.apply(tx, given);
    },
  });
  const subscriptions = [picky];
  const { put, about, events, snapshot, end, histories } = topic(subscriptions);
  await events(0, 2);
  await events(1, 1);
  const { id } = await startRebuild(database.db, tally, by);
  for (const thing of [0, 1]) await snapshot(thing, id);
  for (const partition of [0, 1]) await end(partition, id);
  await put(0, (offset) => [logRecord(offset, { ...about(0), id: '0.3', sequence: 3 })]);
  const [letter] = await listDeadLetters(database.db);
  await discardDeadLetter(database.db, subscriptions, letter!.id, by);
  await put(0, (offset) => [logRecord(offset, { ...about(0), id: '0.4', sequence: 4 })]);
  histories.get('thing/0')!.push('0.4');
  expect(await compareRebuild(database.db, tally, id)).toMatchObject([{ onlyLive: 0, onlyRebuilt: 0 }]);
  await swapRebuild(database.db, tally, id, by);
  expect(await tallied(database.db)).toEqual(Object.fromEntries(histories));
});

test('does not take the place of the live one while a snapshot is set aside, or left out', async () => {
  let fails = true;
  const picky = readModel({
    ...tally,
    apply: async (tx, given) => {
      if (fails && given.some(({ aggregate, snapshot }) => aggregate === 'thing/2' && snapshot !== null))
        throw new DomainError('PAYLOAD_INVALID', 'it does not fit');
      await tally.apply(tx, given);
    },
  });
  const subscriptions = [picky];
  const { events, snapshot, end, histories } = topic(subscriptions);
  for (const thing of [0, 1, 2]) await events(thing, 2);
  const complete = async () => {
    const { id } = await startRebuild(database.db, tally, by);
    // What the rebuild asks for has a higher number than what stands live, so that it is applied there too.
    await database.db.query(`update applied_sequence set last_seq = 1 where aggregate = 'thing/2'`);
    for (const thing of [0, 1, 2]) await snapshot(thing, id);
    for (const partition of [0, 1]) await end(partition, id);
    expect(await state()).toMatchObject({ state: 'READY', aggregates: 2 });
    await expect(swapRebuild(database.db, tally, id, by)).rejects.toMatchObject({ code: 'REBUILD_NOT_READY' });
    const [letter] = await listDeadLetters(database.db);
    return { id, letter: letter!.id };
  };
  const { id, letter: left } = await complete();
  await discardDeadLetter(database.db, subscriptions, left, by);
  await expect(swapRebuild(database.db, tally, id, by)).rejects.toMatchObject({ code: 'REBUILD_DIVERGED' });
  await dropRebuild(database.db, tally, id, by);
  const second = await complete();
  fails = false;
  await retryDeadLetter(database.db, subscriptions, second.letter, by);
  await swapRebuild(database.db, tally, second.id, by);
  expect(await tallied(database.db)).toEqual(Object.fromEntries(histories));
});

test('cannot begin where nothing was read', async () => {
  await expect(startRebuild(database.db, tally, by)).rejects.toMatchObject({ code: 'REBUILD_NOTHING_READ' });
});
