/**
 * Whatever the topic does to a publisher's events, what is applied is the publisher's own history up to some number, once
 * and in order; and after a snapshot it is all of it. The publisher here may lose records, send them twice, in another
 * order, damaged or under a new timeline; the reader is the real one without its database.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { SnapshotSchema } from '@merit/proto/events';
import * as fc from 'fast-check';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import { type SentEvent, SNAPSHOT, snapshotEnded, toRecord } from '../transport/envelope.js';
import type { LogRecord } from '../transport/transport.js';
import { applySteps } from './consumer.apply.js';
import { afterwards, type Sequence, sequenceName, sift } from './inbox.js';
import { judge } from './inbox.judge.js';
import { type Letter, read } from './inbox.letter.js';
import { type ReadModel, readModel } from './readmodel.js';
import { countedHere } from './rebuild.feed.js';

const SOURCE = '/merit/test';
const TYPE = 'merit.test.v1.Counted';
/** Two of them share a key. */
const KEYS: Readonly<Record<string, string>> = { 'thing/a': 'key 1', 'thing/b': 'key 1', 'thing/c': 'key 2' };
const THINGS = Object.keys(KEYS);
const at = new Date('2026-03-05T08:00:00Z');
const none = undefined as unknown as EntityManager;

type Unplaced = Omit<LogRecord, 'offset'>;

type Publisher = ReturnType<typeof startPublisher>;

/** What a publisher writes, and what becomes of it on the way. */
function startPublisher() {
  const log: Unplaced[] = [];
  /** By timeline, then aggregate: the ids of its events. */
  const histories = new Map<number, Map<string, readonly string[]>>([[1, new Map()]]);
  let now = 1;
  let runs = 0;
  const of = (aggregate: string, timeline = now) => histories.get(timeline)?.get(aggregate) ?? [];
  const record = (aggregate: string, sequence: number, over: Partial<SentEvent>): Unplaced => {
    const known = { id: '', source: SOURCE, type: TYPE, aggregate, sequence, key: KEYS[aggregate]!, timeline: now };
    return toRecord({ ...known, occurredAt: at, recordedAt: at, payload: new Uint8Array(), headers: {}, ...over });
  };
  const replay = (aggregate: string, from: number) => {
    for (const [i, id] of of(aggregate).entries()) if (i + 1 >= from) log.push(record(aggregate, i + 1, { id }));
  };
  const snapshot = (aggregate: string, run = `one ${log.length}`) => {
    const ids = of(aggregate);
    if (ids.length === 0) return;
    const parts = ids.map((eventId) => ({ eventId, type: TYPE, payload: new Uint8Array() }));
    const payload = toBinary(SnapshotSchema, create(SnapshotSchema, { parts }));
    log.push(record(aggregate, ids.length, { id: `${run} ${aggregate}`, type: SNAPSHOT, payload, snapshot: run }));
  };
  return {
    log,
    of,
    replay,
    snapshot,
    /** What a restore has lost for good does not come again: ids are never used twice. */
    event(aggregate: string) {
      const before = of(aggregate);
      if (before.length === 0 && [...histories.values()].some((history) => history.get(aggregate)?.length)) return;
      const id = `${aggregate} ${now}.${before.length + 1}.${log.length}`;
      histories.get(now)!.set(aggregate, [...before, id]);
      replay(aggregate, before.length + 1);
    },
    snapshotOfAll() {
      runs += 1;
      const run = `run ${runs}`;
      for (const aggregate of THINGS) snapshot(aggregate, run);
      const end = { id: run, source: SOURCE, type: '', occurredAt: at, recordedAt: at };
      const rest = { payload: new Uint8Array(), headers: {}, snapshot: run, timeline: now };
      log.push(snapshotEnded({ ...end, ...rest }, 0));
    },
    /** Comes back from a backup in which each aggregate had so many events. */
    restore(kept: readonly number[]) {
      const before = THINGS.map((aggregate) => of(aggregate));
      now += 1;
      histories.set(now, new Map(THINGS.map((name, i) => [name, before[i]!.slice(0, kept[i])])));
    },
  };
}

/** A read model in memory: of each aggregate, the ids of its events as they were applied. */
function inMemory(): { readonly states: Map<string, string[]>; readonly model: ReadModel } {
  const states = new Map<string, string[]>();
  const model: ReadModel = {
    name: 'memory',
    topic: 'merit.test.v1',
    types: [TYPE],
    tables: [],
    apply: async (_, events) => {
      for (const { aggregate, id } of events) states.set(aggregate, [...(states.get(aggregate) ?? []), id]);
    },
    forget: async (_, aggregates) => {
      for (const aggregate of aggregates) states.delete(aggregate);
    },
  };
  return { states, model };
}

/** The inbox with maps for tables, and a rebuild beside it. */
function reader() {
  const live = inMemory();
  const rebuilt = inMemory();
  const applied = new Map<string, Sequence>();
  const counted = new Map<string, Sequence>();
  const timelines = new Map<string, number>();
  let letters: Letter[] = [];
  let rebuilding = false;
  const parked = () => new Set(letters.map(({ key }) => key));

  async function take(records: readonly LogRecord[]): Promise<void> {
    const sifted = sift(records, parked(), { applied, timelines });
    await applySteps(
      none,
      [readModel(live.model)],
      sifted.steps.filter(({ kind }) => kind !== 'CURRENT'),
    );
    if (rebuilding) {
      const mine = countedHere(sifted.steps, counted);
      await applySteps(none, [readModel(rebuilt.model)], mine);
      for (const { event } of mine) counted.set(sequenceName(event), afterwards(event));
    }
    for (const [name, next] of sifted.sequences) {
      const before = applied.get(name);
      const lower =
        before && (next.timeline < before.timeline || (next.timeline === before.timeline && next.seq < before.seq));
      if (!lower) applied.set(name, next); // as the table does
    }
    letters.push(...sifted.letters.filter(({ eventId }) => !letters.some((other) => other.eventId === eventId)));
    for (const { event, offset } of sifted.heals) {
      letters = letters.filter(({ record, sequence }) => {
        if (record.headers['ce_subject'] !== event.aggregate) return true;
        const timeline = Number(record.headers['ce_timeline'] ?? 1);
        if (sequence === null) return record.offset > offset;
        return timeline > event.timeline || (timeline === event.timeline && sequence > event.sequence);
      });
    }
    for (const { source, timeline } of sifted.ended) await leave(source, timeline);
    await mend();
  }

  async function leave(source: string, timeline: number): Promise<void> {
    if (timeline <= (timelines.get(source) ?? 1)) return;
    timelines.set(source, timeline);
    for (const [known, { model }] of [
      [applied, live],
      [counted, rebuilt],
    ] as const) {
      for (const [name, sequence] of known) {
        if (sequence.timeline >= timeline) continue;
        await model.forget(none, [sequence.aggregate]);
        known.set(name, { ...sequence, seq: 0, eventId: null, timeline });
      }
    }
  }

  /** Tries the lines from their heads on, as long as something moves. */
  async function mend(): Promise<void> {
    for (const letter of letters.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))) {
      const event = read(letter.record);
      if (event instanceof DomainError) continue;
      const name = sequenceName(event);
      const verdict = judge(event, applied.get(name), timelines.get(event.source), true);
      if (verdict instanceof DomainError) continue;
      letters = letters.filter((other) => other !== letter);
      if (verdict !== 'NEXT') return mend();
      const steps = [{ kind: verdict, event, before: applied.get(name) }];
      await applySteps(none, [readModel(live.model)], steps);
      const mine = rebuilding ? countedHere(steps, counted) : [];
      await applySteps(none, [readModel(rebuilt.model)], mine);
      applied.set(name, afterwards(event));
      for (const each of mine) counted.set(name, afterwards(each.event));
      return mend();
    }
  }
  return {
    live,
    rebuilt,
    applied,
    counted,
    take,
    letters: () => letters,
    startRebuild: () => {
      rebuilding = true;
    },
  };
}

const thing = fc.constantFrom(...THINGS);
const deed = fc.oneof(
  { weight: 8, arbitrary: thing.map((of) => (p: Publisher) => p.event(of)) },
  { weight: 1, arbitrary: thing.map((of) => (p: Publisher) => p.snapshot(of)) },
  { weight: 1, arbitrary: fc.constant((p: Publisher) => p.snapshotOfAll()) },
  {
    weight: 2,
    arbitrary: fc.tuple(thing, fc.integer({ min: 1, max: 9 })).map(
      ([of, from]) =>
        (p: Publisher) =>
          p.replay(of, from),
    ),
  },
  // A relay that was stopped and wakes puts old records on the topic once more, whatever they are.
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(60), fc.nat(12)).map(
      ([from, count]) =>
        (p: Publisher) =>
          void p.log.push(...p.log.slice(from, from + count)),
    ),
  },
  { weight: 2, arbitrary: fc.nat().map((n) => (p: Publisher) => lose(p, n)) },
  { weight: 2, arbitrary: fc.nat().map((n) => (p: Publisher) => exchange(p, n)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.constantFrom('ce_sequence', 'ce_time', 'ce_type')).map(
      ([n, header]) =>
        (p: Publisher) =>
          damage(p, n, header),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }).map((kept) => (p: Publisher) => p.restore(kept)),
  },
);
const ordinary = (record: Unplaced | undefined) => record?.headers['ce_type'] === TYPE;

function lose({ log }: Publisher, n: number): void {
  const place = n % Math.max(1, log.length);
  if (ordinary(log[place])) log.splice(place, 1);
}
function exchange({ log }: Publisher, n: number): void {
  const place = n % Math.max(1, log.length);
  const [one, other] = [log[place], log[place + 1]];
  if (one && other && ordinary(one) && ordinary(other)) log.splice(place, 2, other, one);
}
function damage({ log }: Publisher, n: number, header: string): void {
  const place = n % Math.max(1, log.length);
  const record = log[place];
  if (record && ordinary(record)) log.splice(place, 1, { ...record, headers: { ...record.headers, [header]: '' } });
}

const story = fc.record({
  deeds: fc.array(deed, { minLength: 20, maxLength: 60, size: 'max' }),
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 }),
  opened: fc.nat(20),
});

function publish(deeds: readonly ((p: Publisher) => void)[]): Publisher {
  const publisher = startPublisher();
  for (const each of deeds) each(publisher);
  publisher.snapshotOfAll();
  return publisher;
}

/** Cuts the log into chunks of these sizes, over and over. */
function chunksOf(log: readonly Unplaced[], sizes: readonly number[]): LogRecord[][] {
  const records = log.map((record, offset) => ({ ...record, offset }));
  const chunks: LogRecord[][] = [];
  for (let from = 0, i = 0; from < records.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    chunks.push(records.slice(from, from + size));
    from += size;
  }
  return chunks;
}

test('what is applied is the publisher’s history up to some number, after every chunk', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ deeds, sizes }) => {
      const publisher = publish(deeds);
      const it = reader();
      for (const chunk of chunksOf(publisher.log, sizes)) {
        await it.take(chunk);
        for (const { aggregate, seq, timeline } of it.applied.values()) {
          expect(it.live.states.get(aggregate) ?? []).toEqual(publisher.of(aggregate, timeline).slice(0, seq));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('after a snapshot it is the whole history, and nothing waits that the snapshot tells', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ deeds, sizes }) => {
      const publisher = publish(deeds);
      const it = reader();
      for (const chunk of chunksOf(publisher.log, sizes)) await it.take(chunk);
      for (const aggregate of THINGS) expect(it.live.states.get(aggregate) ?? []).toEqual(publisher.of(aggregate));
      expect(it.letters().filter(({ record }) => publisher.of(record.headers['ce_subject'] ?? '').length > 0)).toEqual(
        [],
      );
    }),
    { numRuns: 200 },
  );
});

test('a rebuild that is opened amid it has the live numbers throughout, and is the same after a snapshot', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ deeds, sizes, opened }) => {
      const publisher = publish(deeds);
      const it = reader();
      for (const [n, chunk] of chunksOf(publisher.log, sizes).entries()) {
        if (n === opened) it.startRebuild();
        await it.take(chunk);
        for (const [name, { seq, timeline }] of it.counted)
          expect(it.applied.get(name)).toMatchObject({ seq, timeline });
      }
      it.startRebuild();
      const before = publisher.log.length;
      for (const aggregate of THINGS) publisher.event(aggregate);
      publisher.snapshotOfAll();
      const rest = publisher.log.slice(before).map((record, i) => ({ ...record, offset: before + i }));
      await it.take(rest);
      expect(filled(it.rebuilt.states)).toEqual(filled(it.live.states));
    }),
    { numRuns: 200 },
  );
});

const filled = (states: ReadonlyMap<string, string[]>) =>
  [...states].filter(([, ids]) => ids.length > 0).sort(([a], [b]) => a.localeCompare(b));
