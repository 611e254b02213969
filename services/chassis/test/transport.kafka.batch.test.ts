/** Batches are what kafkajs makes of the same records, byte by byte, and go where it would have sent them. */
import fc from 'fast-check';
import type { EventRecord } from '../src/transport/transport.js';
import { encodeBatches } from '../src/transport/transport.kafka.batch.js';
import { expectKnown, produceRequests } from '../src/transport/transport.kafka.inside.js';
import { messageOf } from '../src/transport/transport.kafka.produce.js';

const AT = 1_795_000_000_000;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** A whole request of kafkajs's producer to write these messages. */
async function requestOf(messages: readonly { value: unknown }[], partition = 3): Promise<Buffer> {
  const asked = {
    acks: -1,
    timeout: 7_000,
    producerId: -1,
    producerEpoch: 0,
    topicData: [{ topic: 'merit.tést.v1', partitions: [{ partition, messages, firstSequence: 0 }] }],
  };
  return (await produceRequests.protocol({ version: 7 })(asked).request.encode()).buffer;
}
const plain = (records: readonly EventRecord[]) =>
  requestOf(records.map((record) => ({ ...record, value: Buffer.from(record.value), timestamp: AT })));
const encoded = (batch: Buffer) => requestOf([messageOf(3, batch)]);

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }), // halves of surrogate pairs among them
  fc.string({ minLength: 60, maxLength: 300 }),
);
const record: fc.Arbitrary<EventRecord> = fc.record({
  key: text,
  headers: fc.dictionary(text, text, { maxKeys: 20 }),
  value: fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 8_000, maxLength: 8_300 })),
});

test('a batch is byte by byte what kafkajs makes of the same records', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 150 }), async (records) => {
      const [batch, ...others] = encodeBatches(records, AT, NO_LIMIT) as [Buffer];
      expect(others).toEqual([]);
      expect((await encoded(batch)).equals(await plain(records))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test.each([0, 1, 50, 51, 52, 53, 8_170, 8_176, 8_177, 8_178, 8_179, 8_180, 8_192, 999_000, 2_000_000])(
  'so is one with a value of %i bytes, whatever its length takes',
  async (bytes) => {
    const records = [1, 2].map((n) => ({
      key: 'k',
      headers: { n: 'é'.repeat(n) },
      value: new Uint8Array(bytes).fill(n),
    }));
    const [batch] = encodeBatches(records, AT, NO_LIMIT) as [Buffer];
    expect((await encoded(batch)).equals(await plain(records))).toBe(true);
  },
);

test('batches keep all records in their order, and only one of a single record is larger than it may be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 30 }),
      fc.integer({ min: 1, max: 20_000 }),
      async (records, most) => {
        let sent = 0;
        for (const batch of encodeBatches(records, AT, most)) {
          const count = batch.readInt32BE(57);
          expect(batch.length <= most || count === 1).toBe(true);
          expect((await encoded(batch)).equals(await plain(records.slice(sent, sent + count)))).toBe(true);
          const [withNext] = encodeBatches(records.slice(sent, sent + count + 1), AT, NO_LIMIT);
          sent += count;
          if (sent < records.length) expect(withNext!.length).toBeGreaterThan(most);
        }
        expect(sent).toBe(records.length);
      },
    ),
  );
});

test('what was encoded before stays as it is', () => {
  const records = (n: number) => [{ key: `key ${n}`, headers: {}, value: new Uint8Array(10) }];
  const [first] = encodeBatches(records(1), AT, NO_LIMIT) as [Buffer];
  const before = Buffer.from(first);
  encodeBatches(records(2), AT, NO_LIMIT);
  expect(first.equals(before)).toBe(true);
});

test('messages that are no batches of ours are encoded by kafkajs itself', async () => {
  const message = { key: null, value: null, headers: { many: ['a', 'b'] }, timestamp: AT };
  const body = await requestOf([message]);
  expect(body.includes('many')).toBe(true);
});

test('a batch that kafkajs would take for a value is refused, not written as something else', async () => {
  const [batch] = encodeBatches([{ key: 'k', headers: {}, value: new Uint8Array() }], AT, NO_LIMIT) as [Buffer];
  const message = { value: Buffer.from('beside it') };
  await expect(requestOf([message, messageOf(3, batch)])).rejects.toThrow('instance of Batch');
  await expect(requestOf([messageOf(3, batch), message])).rejects.toThrow('instance of Batch');
});

test('another version of kafkajs is refused, with what to do', () => {
  expect(() => expectKnown('2.2.5')).toThrow(/see that their tests pass/);
});
