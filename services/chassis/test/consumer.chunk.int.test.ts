/** Exactly once, in order, and what happens when an event cannot be applied: with chunks as a transport hands them over. */

import { randomBytes } from 'node:crypto';
import { StringValueSchema } from '@bufbuild/protobuf/wkt';
import { chassisMigrations } from '@merit/chassis/database';
import { DomainError } from '@merit/chassis/errors';
import { testDatabase } from '@merit/chassis/testing';
import { pino } from 'pino';
import { chunkHandler } from '../src/in/consumer.chunk.js';
import { asOf, decode, type Subscription } from '../src/in/consumer.js';
import type { Done } from '../src/in/consumer.transaction.js';
import { discardDeadLetter, retryDeadLetter, showDeadLetter } from '../src/in/deadletter.js';
import { heartbeat } from '../src/transport/envelope.js';
import type { Chunk, LogRecord } from '../src/transport/transport.js';
import { chunkOf, countEffects, counting, createEffects, effectsOf, logRecord, TYPE } from './effects.js';
import { eventually } from './eventually.js';
import { listDeadLetters } from './letters.js';
import { endRecord } from './tally.js';

const TOPIC = 'merit.test.v1';
const log = pino({ level: 'silent' });
const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const by = { by: 'employee/1', reason: 'a reason' };

beforeAll(() => createEffects(database.db));
beforeEach(() =>
  database.db.query(
    'truncate effect, consumer_offset, applied_sequence, dead_letter, applied_by_source, outbox, snapshot_seen',
  ),
);

function reader(...subscriptions: Subscription[]) {
  const done: Done[] = [];
  const handle = chunkHandler({
    db: database.db,
    log,
    group: 'test',
    subscriptions,
    onDone: (_topic, each) => done.push(each),
  });
  return { handle, done };
}
const applied = async () => Object.fromEntries(await effectsOf(database.db));
const numbered = (sequence: number, over = {}) => logRecord(sequence - 1, { sequence, ...over });
const letters = async () => (await listDeadLetters(database.db)).map(({ code, sequence }) => [code, sequence]);

/** A topic's partition: what stands in it, read from wherever the handler wants, as a transport would. */
async function readAll(
  handle: (chunk: Chunk) => Promise<number>,
  records: readonly LogRecord[],
  over: Partial<Chunk> = {},
) {
  const low = records[0]!.offset;
  const high = records.at(-1)!.offset + 1;
  const visited: number[] = [];
  for (let at = over.records?.[0]?.offset ?? low; at < high; ) {
    visited.push(at);
    if (visited.length > 20) throw new Error(`goes round in circles: ${visited}`);
    const rest = records.filter(({ offset }) => offset >= at).slice(0, 4);
    at = await handle(chunkOf(rest, { watermarks: async () => ({ low, high }), ...over, records: rest }));
    if (at < low || at > high) at = low; // out of range: as both transports do
  }
  return visited;
}

describe('exactly once', () => {
  test('a chunk that comes again has no effect again', async () => {
    const { handle } = reader(counting(TOPIC));
    const chunk = chunkOf([1, 2, 3].map((n) => numbered(n)));
    expect(await handle(chunk)).toBe(3);
    expect(await handle(chunk)).toBe(3);
    expect(await handle({ ...chunk, assignment: 2 })).toBe(3);
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3] });
  });

  test('a handler that fails leaves nothing behind, neither effect nor offset', async () => {
    let fail = true;
    const failing = counting(TOPIC);
    const { handle } = reader(failing, {
      ...failing,
      handle: async () => {
        if (fail) throw new Error('for no reason');
      },
    });
    const chunk = chunkOf([numbered(1)]);
    await expect(handle(chunk)).rejects.toThrow('for no reason');
    expect(await applied()).toEqual({});
    fail = false;
    await handle(chunk);
    expect(await applied()).toEqual({ 'thing/1': [1] });
  });

  test('two members that were given the same partition apply it once', async () => {
    const [a, b] = [reader(counting(TOPIC)), reader(counting(TOPIC))];
    for (let n = 0; n < 50; n += 5) {
      const chunk = chunkOf([1, 2, 3, 4, 5].map((i) => numbered(n + i)));
      await Promise.all([a.handle(chunk), b.handle(chunk)]);
    }
    expect(await applied()).toEqual({ 'thing/1': Array.from({ length: 50 }, (_, i) => i + 1) });
  });

  test('a member that waits for another to make the partition’s row goes on from what that one applied', async () => {
    const first = numbered(1);
    await reader(counting(TOPIC)).handle(chunkOf([logRecord(0, { aggregate: 'thing/9' })], { partition: 1 }));
    let waiting: Promise<number> | undefined;
    await database.db.transaction(async (tx) => {
      await tx.query('select from consumer_offset for update');
      waiting = reader(counting(TOPIC)).handle(chunkOf([first, numbered(2)]));
      const waits = `select from pg_stat_activity where query like '%for share' and wait_event_type = 'Lock'`;
      await eventually(async () => (await database.db.query(waits)).length > 0);
      await tx.query(
        `insert into consumer_offset (topic, partition, next_offset, cluster_id, last_event_id) values ($1, 0, 1, 'a log', $2)`,
        [TOPIC, first.headers['ce_id']],
      );
      await tx.query(
        `insert into applied_sequence (source, aggregate, last_seq, last_event_id) values ($1, 'thing/1', 1, $2)`,
        [first.headers['ce_source'], first.headers['ce_id']],
      );
    });
    expect(await waiting).toBe(2);
    expect(await letters()).toEqual([]);
    expect(await applied()).toMatchObject({ 'thing/1': [2] });
  });

  test('events that a relay published twice, at other offsets, are skipped', async () => {
    const { handle, done } = reader(counting(TOPIC));
    const events = [1, 2, 3, 4].map((n) => numbered(n));
    await handle(chunkOf([events[0]!, events[1]!, events[2]!]));
    await handle(
      chunkOf([events[0]!, events[1]!, events[2]!, events[3]!].map((record, i) => ({ ...record, offset: 3 + i }))),
    );
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3, 4] });
    expect(done.at(-1)).toMatchObject({ repeated: 3 });
  });

  test('an event of a type that nobody wants counts among its aggregate all the same', async () => {
    const { handle } = reader(counting(TOPIC));
    await handle(chunkOf([numbered(1), numbered(2, { type: 'merit.test.v1.Unheard' }), numbered(3)]));
    expect(await applied()).toEqual({ 'thing/1': [1, 3] });
    expect(await letters()).toEqual([]);
  });

  test('subscriptions get the events of a chunk in the order listed', async () => {
    const calls: string[] = [];
    const noting = (name: string): Subscription => ({
      topic: TOPIC,
      types: [TYPE],
      handle: async (_tx, events) => void calls.push(`${name} ${events.map(({ sequence }) => sequence)}`),
    });
    await reader(noting('who is who'), noting('what follows')).handle(chunkOf([numbered(1), numbered(2)]));
    expect(calls).toEqual(['who is who 1,2', 'what follows 1,2']);
  });

  test('a chunk takes the same number of statements whether it has 2 events or 500', async () => {
    let statements = 0;
    const statementSeen = ({ query }: { query: string }) => {
      if (!query.includes('plan_cache_mode')) statements += 1; // said where there are few, and not waited for
    };
    database.db.subscribers.push({ beforeQuery: statementSeen });
    const { handle } = reader(counting(TOPIC));
    const counted = async (from: number, count: number) => {
      statements = 0;
      const aggregate = (n: number) => ({ aggregate: `thing/${n}`, key: `key ${n}` });
      await handle(chunkOf(Array.from({ length: count }, (_, i) => logRecord(from + i, aggregate(from + i)))));
      return statements;
    };
    await counted(0, 1); // makes the partition's row
    const few = await counted(1, 2);
    expect(await countEffects(database.db)).toBe(3);
    expect(await counted(3, 500)).toBe(few);
    expect(await countEffects(database.db)).toBe(503);
    database.db.subscribers.pop();
  });
});

describe('the offset fence', () => {
  const events = Array.from({ length: 10 }, (_, i) => numbered(i + 1));
  const tenOnce = { 'thing/1': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };

  test('a restart goes on where the database is, wherever the transport begins', async () => {
    await readAll(reader(counting(TOPIC)).handle, events.slice(0, 7));
    for (const begin of [0, 3, 6, 7, 9]) {
      const visited = await readAll(reader(counting(TOPIC)).handle, events, { records: [events[begin]!] });
      expect(visited.length).toBeLessThan(6);
    }
    expect(await applied()).toEqual(tenOnce);
  });

  test('a database that was restored from a backup gets what it lost once more', async () => {
    const { handle } = reader(counting(TOPIC));
    await readAll(handle, events.slice(0, 4));
    const backup = await database.db.query('select * from consumer_offset');
    await readAll(handle, events);
    await database.db.query('delete from effect where sequence > 4');
    await database.db.query(`update applied_sequence set last_seq = 4, last_event_id = $1`, [
      events[3]!.headers['ce_id'],
    ]);
    await database.db.query('update consumer_offset set next_offset = $1, last_event_id = $2', [
      backup[0].next_offset,
      backup[0].last_event_id,
    ]);
    await readAll(handle, [...events, heartbeatAt(10)], { records: [heartbeatAt(10)] });
    expect(await applied()).toEqual(tenOnce);
  });

  test.each([
    ['shorter than before', 3, { clusterId: 'a log' }],
    ['longer than before', 10, { clusterId: 'a log' }],
    ['under another name', 10, { clusterId: 'another log' }],
  ])(
    'a topic that was made anew, %s, is read from its beginning, and no record is skipped',
    async (_, length, over) => {
      await readAll(reader(counting(TOPIC)).handle, events.slice(0, 6));
      const anew = Array.from({ length }, (_, i) => numbered(7 + i)).map((record, i) => ({ ...record, offset: i }));
      await readAll(reader(counting(TOPIC)).handle, anew, over);
      expect(await applied()).toEqual({ 'thing/1': Array.from({ length: 6 + length }, (_, i) => i + 1) });
    },
  );

  test('a topic that is made anew under a running reader is noticed without a new assignment', async () => {
    const { handle } = reader(counting(TOPIC));
    await readAll(handle, events);
    await readAll(
      handle,
      [11, 12, 13].map((n, i) => ({ ...numbered(n), offset: i })),
    );
    expect(await applied()).toEqual({ 'thing/1': [...tenOnce['thing/1'], 11, 12, 13] });
  });

  test('what was removed from the log before it was read is noticed as a gap, and the rest goes on', async () => {
    const { handle } = reader(counting(TOPIC));
    await readAll(handle, events.slice(0, 3));
    const other = logRecord(7, { aggregate: 'thing/2', key: 'key 2' });
    await readAll(handle, [events[6]!, other], { assignment: 2 });
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3], 'thing/2': [1] });
    expect(await letters()).toEqual([['GAP', 7]]);
  });

  test('a hole in the log is stepped over', async () => {
    const { handle } = reader(counting(TOPIC));
    await readAll(handle, events.slice(0, 2));
    const behindTheHole = { ...events[2]!, offset: 5 };
    await readAll(handle, [events[0]!, events[1]!, behindTheHole], { records: [behindTheHole] });
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3] });
  });
});

const heartbeatAt = (offset: number, at = '2026-03-05T09:00:00Z'): LogRecord => ({
  offset,
  ...heartbeat('/merit/test', `beat ${offset}`, new Date(at), 0),
});

describe('what cannot be applied', () => {
  /** Refuses what it is told to of thing/1; everything else counts. */
  const picky = (refuse: (sequence: number) => Error | null): Subscription => {
    const { handle } = counting(TOPIC);
    return counting(TOPIC, {
      handle: async (tx, events) => {
        for (const event of events) {
          const error = event.aggregate === 'thing/1' ? refuse(event.sequence) : null;
          if (error) throw error;
          await handle(tx, [event]);
        }
      },
    });
  };
  const second = { aggregate: 'thing/2', key: 'key 2' };
  const refused = new DomainError('RULE_SAYS_NO', 'A rule says no.');

  test('parks its own key at once, whole, and the other keys go on', async () => {
    const { handle } = reader(picky((n) => (n === 2 ? refused : null)));
    const bad = numbered(2, { headers: { ce_actor: 'employee/9' } });
    await handle(chunkOf([numbered(1), logRecord(1, second), { ...bad, offset: 2 }, { ...numbered(3), offset: 3 }]));
    expect(await applied()).toEqual({ 'thing/1': [1], 'thing/2': [1] });
    const [first, waits] = await listDeadLetters(database.db);
    expect(first).toMatchObject({
      code: 'RULE_SAYS_NO',
      message: 'A rule says no.',
      offset: 2,
      key: 'key 1',
      headers: bad.headers,
      state: 'WAITING',
    });
    expect(new Uint8Array(first!.value)).toEqual(bad.value);
    expect(waits).toMatchObject({ code: 'WAITS', sequence: 3 });
    await handle(chunkOf([{ ...numbered(4), offset: 4 }, logRecord(5, { ...second, sequence: 2 })]));
    expect(await applied()).toEqual({ 'thing/1': [1], 'thing/2': [1, 2] });
  });

  test('is tried five times when the reason is unknown, and then set aside', async () => {
    let tries = 0;
    const { handle } = reader(
      picky((n) => {
        tries += n === 2 ? 1 : 0;
        return n === 2 ? new TypeError('a bug') : null;
      }),
    );
    const chunk = chunkOf([numbered(1), numbered(2), { ...logRecord(2, second) }]);
    for (let delivery = 1; delivery < 5; delivery += 1) await expect(handle(chunk)).rejects.toThrow('a bug');
    expect(await handle(chunk)).toBe(3);
    expect(await applied()).toEqual({ 'thing/1': [1], 'thing/2': [1] });
    expect(await letters()).toEqual([['FAILED', 2]]);
    expect(tries).toBe(6); // once in the whole chunk, then alone
  });

  test('a payload that is no message, and an envelope that is none, are set aside at once', async () => {
    const decoding = counting(TOPIC, {
      handle: async (_, events) => void events.map((event) => decode(StringValueSchema, event)),
    });
    const { handle } = reader(decoding);
    const broken = numbered(1, { payload: new Uint8Array([10, 200, 1]) });
    const headless = { ...logRecord(1, second), headers: {} };
    const odd = { offset: 2, key: 'nul \0 key', headers: { ce_id: 'x\0', junk: '\0' }, value: new Uint8Array([0]) };
    expect(await handle(chunkOf([broken, headless, odd]))).toBe(3);
    expect((await listDeadLetters(database.db)).map(({ code }) => code).sort()).toEqual([
      'ENVELOPE_INVALID',
      'ENVELOPE_INVALID',
      'PAYLOAD_INVALID',
    ]);
  });

  test('a gap parks the key, and a history that went another way does too', async () => {
    const { handle } = reader(counting(TOPIC));
    await handle(chunkOf([numbered(1), numbered(2), { ...logRecord(2, second) }, { ...numbered(5), offset: 3 }]));
    await handle(chunkOf([{ ...logRecord(4, second) }], { assignment: 1 }));
    expect(await applied()).toEqual({ 'thing/1': [1, 2], 'thing/2': [1] });
    expect(await letters()).toEqual([
      ['GAP', 5],
      ['DIVERGED', 1],
    ]);
  });

  test('when the database fails nobody is at fault: nothing is set aside, and all is applied later', async () => {
    let failures = 0;
    const failing = counting(TOPIC);
    const { handle } = reader({
      ...failing,
      handle: async (tx, events) => {
        await failing.handle(tx, events);
        if (failures++ < 10) await tx.query('select pg_terminate_backend(pg_backend_pid())');
      },
    });
    const chunk = chunkOf([numbered(1), numbered(2)]);
    for (let i = 0; i < 10; i += 1) await expect(handle(chunk)).rejects.toThrow();
    await handle(chunk);
    expect(await applied()).toEqual({ 'thing/1': [1, 2] });
    expect(await letters()).toEqual([]);
  });

  test('a statement that takes too long is its event’s fault only where the database has time for others', async () => {
    let quick = 0; // how many tries are left in which the database has time
    let ends: () => void = () => undefined;
    const busy: Promise<unknown>[] = [];
    /** What every chunk begins with waits for this; it is behind the transaction that is open, and before any other. */
    const crawl = async () => {
      const end = new Promise<void>((resolve) => (ends = resolve));
      const position = 'select from consumer_offset for update';
      busy.push(database.db.transaction(async (tx) => tx.query(position).then(() => end)));
      const waits = `select from pg_stat_activity where query = $1 and wait_event_type = 'Lock'`;
      await eventually(async () => (await database.db.query(waits, [position])).length > 0);
    };
    const slow = picky(() => null);
    const subscription: Subscription = {
      ...slow,
      handle: async (tx, events) => {
        await slow.handle(tx, events);
        if (!events.some(({ aggregate }) => aggregate === 'thing/1')) return;
        if (events.length === 1) {
          if (quick <= 0) await crawl();
          quick -= 1;
        }
        await tx.query(`set local statement_timeout = '20ms'`);
        await tx.query('select pg_sleep(5)');
      },
    };
    const { handle } = reader(subscription);
    await handle(chunkOf([heartbeatAt(0)])); // makes the partition's row
    const chunk = chunkOf([{ ...numbered(1), offset: 1 }, logRecord(2, second)]);
    const cutOff = async (work: Promise<unknown>) => {
      await expect(work).rejects.toThrow('statement timeout');
      ends();
      await Promise.all(busy.splice(0));
    };
    for (let i = 0; i < 6; i += 1) await cutOff(handle(chunk));
    expect(await letters()).toEqual([]);
    quick = Number.POSITIVE_INFINITY;
    let tries = 0;
    await eventually(async () => {
      tries += 1;
      return (await handle(chunk).catch(() => 0)) === 3;
    });
    expect(tries).toBeGreaterThanOrEqual(5);
    expect(await letters()).toEqual([['FAILED', 1]]);
    expect(await applied()).toEqual({ 'thing/2': [1] });
    const [letter] = await listDeadLetters(database.db);
    quick = 1; // with all that waits of the key, which is no reason to ask
    await cutOff(retryDeadLetter(database.db, [subscription], letter!.id, by));
    expect(await showDeadLetter(database.db, letter!.id)).toMatchObject({ attempts: 5 });
  });

  test('is tried five times also where each time is another assignment, and another event in its place from the beginning', async () => {
    const { handle, done } = reader(picky((n) => (n === 3 ? new Error('a bug') : null)));
    const events = [1, 2, 3, 4].map((n) => numbered(n));
    await handle(chunkOf(events.slice(0, 2)));
    const watermarks = async () => ({ low: 0, high: 4 });
    let assignment = 1;
    /** As on a line that has just been made anew: from the transport's own place, and then from where the handler wants. */
    const flapping = async (of: readonly LogRecord[], clusterId: string) => {
      assignment += 1;
      let next = 2;
      for (let reads = 0; next < 4 && reads < 4; reads += 1) {
        next = await handle(chunkOf(of.slice(next), { watermarks, assignment, clusterId }));
      }
      return next;
    };
    for (let i = 0; i < 3; i += 1) await expect(flapping(events, 'a log')).rejects.toThrow('a bug');
    const other = events.map((event, i) => (i === 2 ? numbered(3) : event));
    await database.db.query('update consumer_offset set cluster_id = $1', ['another']);
    for (let i = 0; i < 4; i += 1) await expect(flapping(other, 'another')).rejects.toThrow('a bug');
    expect(await letters()).toEqual([]);
    expect(await flapping(other, 'another')).toBe(4);
    expect(await letters()).toEqual([
      ['FAILED', 3],
      ['WAITS', 4],
    ]);
    expect((await listDeadLetters(database.db))[0]).toMatchObject({ attempts: 5 });
    expect(done.at(-1)).toMatchObject({ parked: 1 });
  });

  test('a record that is no event is never set aside: its partition waits until it can be taken in', async () => {
    const { handle } = reader(counting(TOPIC));
    const chunk = chunkOf([numbered(1), endRecord(1, 'run'), logRecord(2, second)]);
    await database.db.query('alter table snapshot_seen add constraint rehearsal check (false)');
    for (let i = 0; i < 7; i += 1) await expect(handle(chunk)).rejects.toThrow('rehearsal');
    expect(await letters()).toEqual([]);
    expect(await applied()).toEqual({ 'thing/1': [1] });
    await database.db.query('alter table snapshot_seen drop constraint rehearsal');
    expect(await handle(chunk)).toBe(3);
    expect(await database.db.query('select run, partitions from snapshot_seen')).toEqual([
      { run: 'run', partitions: [0] },
    ]);
    expect(await applied()).toEqual({ 'thing/1': [1], 'thing/2': [1] });
    const unnamed = endRecord(3, randomBytes(4_000).toString('hex')); // longer than an index takes
    expect(await handle(chunkOf([unnamed, heartbeatAt(4)]))).toBe(5);
  });

  test('once the reason is gone, a retry applies what waits, in order, and the key is free', async () => {
    let no = true;
    const subscription = picky((n) => (no && n === 2 ? refused : null));
    const { handle } = reader(subscription);
    await handle(chunkOf([1, 2, 3].map((n) => numbered(n))));
    const [first] = await listDeadLetters(database.db);
    expect(await retryDeadLetter(database.db, [subscription], first!.id, by)).toMatchObject({
      settled: 0,
      stoppedBy: { id: first!.id, attempts: 2 },
    });
    no = false;
    expect(await retryDeadLetter(database.db, [subscription], first!.id, by)).toEqual({ settled: 2, stoppedBy: null });
    expect(await showDeadLetter(database.db, first!.id)).toMatchObject({
      state: 'RETRIED',
      settledBy: 'employee/1',
      settledReason: 'a reason',
    });
    await handle(chunkOf([numbered(4)]));
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3, 4] });
    await expect(retryDeadLetter(database.db, [subscription], first!.id, by)).rejects.toMatchObject({
      code: 'DEAD_LETTER_SETTLED',
    });
  });

  test('a gap that a replay fills is applied in the order of the numbers', async () => {
    const { handle } = reader(counting(TOPIC));
    const subscriptions = [counting(TOPIC)];
    const five = { ...numbered(5), offset: 2 };
    await handle(chunkOf([numbered(1), numbered(2), five]));
    const replayed = [3, 4].map((n) => ({ ...numbered(n), offset: n }));
    await handle(chunkOf([...replayed, { ...five, offset: 5 }]));
    const [gap] = await listDeadLetters(database.db);
    expect(await retryDeadLetter(database.db, subscriptions, gap!.id, by)).toEqual({ settled: 3, stoppedBy: null });
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3, 4, 5] });
  });

  test('discarding leaves one event out, and applies what waits behind it', async () => {
    const subscription = picky((n) => (n === 2 ? refused : null));
    const { handle } = reader(subscription);
    await handle(chunkOf([1, 2, 3].map((n) => numbered(n))));
    const [first, waits] = await listDeadLetters(database.db);
    await expect(discardDeadLetter(database.db, [subscription], waits!.id, by)).rejects.toMatchObject({
      code: 'DEAD_LETTER_NOT_FIRST',
    });
    expect(await discardDeadLetter(database.db, [subscription], first!.id, by)).toEqual({
      settled: 1,
      stoppedBy: null,
    });
    expect(await applied()).toEqual({ 'thing/1': [1, 3] });
    expect(await showDeadLetter(database.db, first!.id)).toMatchObject({
      state: 'DISCARDED',
      settledReason: 'a reason',
    });
    await handle(chunkOf([numbered(4)]));
    expect(await applied()).toEqual({ 'thing/1': [1, 3, 4] });
    await expect(showDeadLetter(database.db, '0')).rejects.toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
  });

  test('discarding is refused while events before it are missing: they can still come, and are applied then', async () => {
    const { handle } = reader(counting(TOPIC));
    const subscriptions = [counting(TOPIC)];
    const other = logRecord(3, { aggregate: 'thing/2', key: 'key 1', sequence: 2 });
    await handle(chunkOf([...[1, 2, 5].map((n, offset) => ({ ...numbered(n), offset })), other]));
    expect(await letters()).toEqual([
      ['GAP', 5],
      ['WAITS', 2],
    ]);
    const [gap, waits] = await listDeadLetters(database.db);
    const discard = (id: string) => discardDeadLetter(database.db, subscriptions, id, by);
    await expect(discard(gap!.id)).rejects.toThrow('Events 3 to 4 before it are missing');
    await expect(discard(waits!.id)).rejects.toMatchObject({
      code: 'DEAD_LETTER_NOT_FIRST',
      params: { from: 1, to: 1 },
    });
    await handle(chunkOf([3, 4].map((n, i) => ({ ...numbered(n), offset: 4 + i }))));
    await handle(chunkOf([logRecord(6, { aggregate: 'thing/2', key: 'key 1' })]));
    expect(await retryDeadLetter(database.db, subscriptions, gap!.id, by)).toEqual({ settled: 5, stoppedBy: null });
    expect(await applied()).toEqual({ 'thing/1': [1, 2, 3, 4, 5], 'thing/2': [1, 2] });
  });
});

describe('how fresh the derived figures are', () => {
  test('as fresh as the partition that was not heard from the longest', async () => {
    const { handle } = reader(counting(TOPIC));
    const heard = (partition: number, at: string) => handle(chunkOf([heartbeatAt(0, at)], { partition }));
    await heard(0, '2026-03-05T09:00:00Z');
    await heard(1, '2026-03-05T08:30:00Z');
    expect(await asOf(database.db)).toEqual(new Date('2026-03-05T08:30:00Z'));
    await handle(chunkOf([heartbeatAt(0), heartbeatAt(1, '2026-03-05T09:15:00Z')], { partition: 1 }));
    expect(await asOf(database.db)).toEqual(new Date('2026-03-05T09:00:00Z'));
    await handle(chunkOf([heartbeatAt(1, '2026-03-05T07:00:00Z')]));
    expect(await asOf(database.db)).toEqual(new Date('2026-03-05T09:00:00Z'));
  });

  test('a record that cannot be read says nothing of it, and no clock says more than the database’s', async () => {
    const { handle } = reader(counting(TOPIC));
    const far = '9026-03-05T09:00:00.000Z';
    const { ce_subject: _, ...headers } = numbered(1).headers;
    await handle(chunkOf([{ ...numbered(1), headers: { ...headers, ce_recordedtime: far } }]));
    expect(await asOf(database.db)).toEqual(new Date(0));
    await handle(chunkOf([heartbeatAt(1)]));
    expect(await asOf(database.db)).toEqual(new Date('2026-03-05T09:00:00Z'));
    const before = Date.now();
    const record = logRecord(2, { aggregate: 'thing/2', key: 'key 2', recordedAt: new Date(far) });
    await handle(chunkOf([record, heartbeatAt(3, '+275760-09-13T00:00:00.000Z')]));
    const known = await asOf(database.db);
    expect(known.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(known.getTime()).toBeLessThanOrEqual(Date.now());
    await handle(chunkOf([heartbeatAt(4)]));
    expect(await asOf(database.db)).toEqual(known);
    await database.db.query('update consumer_offset set as_of = $1', [far]);
    await handle(chunkOf([heartbeatAt(5)]));
    expect((await asOf(database.db)).getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('a service that reads nothing is as fresh as can be', async () => {
    const before = Date.now();
    expect((await asOf(database.db)).getTime()).toBeGreaterThanOrEqual(before);
  });
});
