import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { MAX_RECORD_BYTES, partitionOf, refuseLarge } from '../src/transport/record.js';

const key = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.uuid());

test('a key has the partition that Kafka gives it', () => {
  const partitioner = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 50 }), (text, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        partitionId,
        leader: 0,
        partitionErrorCode: 0,
        replicas: [0],
        isr: [0],
      }));
      const chosen = partitioner({
        topic: 't',
        partitionMetadata: partitionMetadata,
        message: { key: text, value: null },
      });
      expect(partitionOf(text, count)).toBe(chosen);
    }),
    { numRuns: 500 },
  );
});

test('one byte too many is refused, and the message says what to do', () => {
  const sized = (bytes: number) => ({ key: 'é', headers: { ce_id: 'x' }, value: new Uint8Array(bytes - 8) });
  refuseLarge([sized(MAX_RECORD_BYTES)]);
  expect(() => refuseLarge([sized(8), sized(MAX_RECORD_BYTES + 1)])).toThrow(
    expect.objectContaining({ code: 'EVENT_TOO_LARGE', params: expect.objectContaining({ id: 'x', max: 1_000_000 }) }),
  );
});
