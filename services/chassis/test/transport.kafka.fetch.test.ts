/** What is fetched is handed over as if kafkajs had read it. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { pino } from 'pino';
import type { LogRecord } from '../src/transport/transport.js';
import { readBatches } from '../src/transport/transport.kafka.fetch.js';
import { fetchRequests } from '../src/transport/transport.kafka.inside.js';
import { reader } from '../src/transport/transport.kafka.reader.js';

const require = createRequire(import.meta.url);
const Encoder = require('kafkajs/src/protocol/encoder');
const Record = require('kafkajs/src/protocol/recordBatch/record/v0');
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0');
const kafkajs = require('kafkajs/src/protocol/requests/fetch/v11/response');

interface Sent {
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly headers: { readonly [name: string]: string | Buffer | (string | Buffer)[] };
  readonly timestampDelta: number;
}
interface SentBatch {
  readonly firstOffset: number;
  readonly messages: readonly Sent[];
  readonly compression?: number;
  readonly transactional?: boolean;
}

const batchOf = async ({ messages, ...batch }: SentBatch): Promise<Buffer> =>
  (await RecordBatch({ ...batch, records: messages.map((message, i) => Record({ ...message, offsetDelta: i })) }))
    .buffer;

/** An answer to Fetch in version 11, of one topic, with what it holds of each partition. */
function answerOf(
  sets: readonly Buffer[],
  aborted: readonly { producerId: number; firstOffset: number }[] = [],
): Buffer {
  const partitions = sets.map((set, partition) =>
    new Encoder()
      .writeInt32(partition)
      .writeInt16(0)
      .writeInt64(900_719_925_474_099)
      .writeInt64(7)
      .writeInt64(0)
      .writeArray(aborted.map((each) => new Encoder().writeInt64(each.producerId).writeInt64(each.firstOffset)))
      .writeInt32(-1)
      .writeBytes(set),
  );
  const topic = new Encoder().writeString('merit.tést.v1').writeArray(partitions);
  return new Encoder().writeInt32(5).writeInt16(0).writeInt32(6).writeArray([topic]).buffer;
}

interface Answer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly never[] }[] }[];
}
const theirs = (answer: Buffer): Promise<Answer> => kafkajs.decode(answer);
const ours = async (answer: Buffer): Promise<Answer> =>
  (await fetchRequests.protocol({ version: 11 })({ topics: [] }).response.decode(answer)) as Answer;

/** The records as a handler gets them, of each partition. */
const handed = ({ responses }: Answer): Promise<LogRecord[][]> =>
  Promise.all(
    responses[0]!.partitions.map(async ({ messages }) => {
      const records: LogRecord[] = [];
      const read = reader({
        clusterId: async () => 'one',
        watermarks: async () => ({ low: 0, high: 0 }),
        onChunk: async (chunk) => {
          records.push(...chunk.records);
          return chunk.records.at(-1)!.offset + 1;
        },
        log: pino({ level: 'silent' }),
      });
      const state = { resolveOffset: () => {}, pause: () => () => {}, isRunning: () => true, isStale: () => false };
      const batch = { topic: 'merit.tést.v1', partition: 0, messages };
      await read({ batch, heartbeat: async () => {}, ...state }, () => {}, 1);
      return records.map((record) => ({ ...record, value: Buffer.from(record.value) }));
    }),
  );
const withoutRecords = (answer: Answer) => ({
  ...answer,
  responses: answer.responses.map((each) => ({
    ...each,
    partitions: each.partitions.map((partition) => ({ ...partition, messages: [] })),
  })),
});
/** Whether they are log records already. */
const areRecords = ({ responses }: Answer) =>
  responses
    .flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages))
    .every(({ offset }) => typeof offset === 'number');

const text = fc.oneof(
  fc.constantFrom('/merit/competency', '1.0', 'é', ''),
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);
const bytes = fc.uint8Array({ maxLength: 70 }).map((array) => Buffer.from(array)); // mostly no UTF-8
const textOrBytes = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: bytes });
const name = text.filter((each) => !(each in {})); // kafkajs takes `toString` for a header that is there already
const message: fc.Arbitrary<Sent> = fc.record({
  key: fc.option(textOrBytes),
  value: fc.option(bytes),
  headers: fc.dictionary(
    name,
    fc.oneof({ weight: 5, arbitrary: textOrBytes }, { weight: 1, arbitrary: fc.array(textOrBytes) }),
    {
      maxKeys: 16,
    },
  ),
  timestampDelta: fc.integer({ min: 0, max: 2 ** 40 }),
});
const batch: fc.Arbitrary<SentBatch> = fc.record({
  firstOffset: fc.integer({ min: 0, max: 2 ** 50 }),
  messages: fc.array(message, { maxLength: 80 }),
});

test('until Merit reads, kafkajs reads as it comes', async () => {
  const set = await batchOf({ firstOffset: 3, messages: [{ key: 'k', value: null, headers: {}, timestampDelta: 0 }] });
  expect(areRecords(await ours(answerOf([set])))).toBe(false);
});

describe('once Merit reads', () => {
  beforeAll(readBatches);

  test('records are those that kafkajs would have read, wherever the last batch is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ batches: fc.array(batch, { maxLength: 4 }), cut: fc.nat({ max: 300 }) }), {
          maxLength: 3,
        }),
        async (partitions) => {
          const sets = partitions.map(async ({ batches, cut }) => {
            const set = Buffer.concat(await Promise.all(batches.map(batchOf)));
            return set.subarray(0, Math.max(61, set.length - cut)); // a broker sends no less of one
          });
          const answer = answerOf(await Promise.all(sets));
          const [mine, its] = [await ours(answer), await theirs(answer)];
          expect(await handed(mine)).toEqual(await handed(its));
          expect(withoutRecords(mine)).toEqual(withoutRecords(its));
          expect(areRecords(mine)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('texts that end like those of the record before are not taken for them', async () => {
    const values = ['aé', Buffer.from('é'), Buffer.from([0xc3]), Buffer.from([0xa9]), 'é', 'aé', 'aé', '', 'aé'];
    const messages = values.map((h) => ({ key: null, value: null, headers: { h, hé: 'x' }, timestampDelta: 0 }));
    const answer = answerOf([await batchOf({ firstOffset: 0, messages })]);
    expect(await handed(await ours(answer))).toEqual(await handed(await theirs(answer)));
  });

  test('a header without a value is empty', async () => {
    const sent = { key: 'k', value: Buffer.from('v'), headers: { h: '' }, timestampDelta: 0 };
    const set = await batchOf({ firstOffset: 0, messages: [sent] });
    set[set.length - 1] = 1; // −1 for the length of the value
    const [records] = await handed(await ours(answerOf([set])));
    expect(records).toEqual([{ offset: 0, key: 'k', headers: { h: '' }, value: Buffer.from('v') }]);
  });

  const messages = [{ key: 'k', value: Buffer.from('v'), headers: { h: 'é' }, timestampDelta: 0 }];
  test.each([
    ['compressed', { firstOffset: 1, messages, compression: 1 }, []],
    ['of a transaction', { firstOffset: 1, messages, transactional: true }, []],
    ['beside a transaction that was given up', { firstOffset: 1, messages }, [{ producerId: 1, firstOffset: 0 }]],
  ])('what is %s is read by kafkajs', async (_, unusual, aborted) => {
    const answer = answerOf([await batchOf({ firstOffset: 0, messages }), await batchOf(unusual)], aborted);
    const mine = await ours(answer);
    expect(areRecords(mine)).toBe(false);
    expect(mine).toEqual(await theirs(answer));
    expect((await handed(mine))[1]).toEqual([{ offset: 1, key: 'k', headers: { h: 'é' }, value: Buffer.from('v') }]);
  });

  test('answers of older brokers are read by kafkajs', () => {
    const { response } = fetchRequests.protocol({ version: 10 })({ topics: [] });
    expect(response.decode).toBe(require('kafkajs/src/protocol/requests/fetch/v10/response').decode);
  });
});
