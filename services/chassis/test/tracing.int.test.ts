import { inSpan, isSampled, isTracing, openSpan } from '../src/tracing.js';
import { tracedTransport } from '../src/transport/transport.traced.js';
import { startChild } from './child/child.js';
import { eventually } from './eventually.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function packagesLoaded(args: readonly string[]): Promise<string[]> {
  const child = startChild('tracing.ts', args, {});
  await eventually(() => child.lines.length > 0, child.errors);
  expect(await child.ended).toBe(0);
  return JSON.parse(child.lines[0]!);
}

test('without a receiver nothing of the SDK is loaded', async () => {
  expect(await packagesLoaded([])).toEqual(['@opentelemetry/api']);
});

test('with one it is', async () => {
  const packages = await packagesLoaded(['http://127.0.0.1:4318']);
  expect(packages).toEqual(
    expect.arrayContaining(['@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/sdk-trace']),
  );
});

describe('where nothing is recorded', () => {
  test('a trace goes on as it came, and none begins', async () => {
    expect(isTracing()).toBe(false);
    expect(openSpan('work', { parent: TRACEPARENT }).traceparent).toBe(TRACEPARENT);
    expect(openSpan('work', { parent: null }).traceparent).toBeNull();
    expect(openSpan('work', { parent: 'mine, and no other' }).traceparent).toBeNull();
  });

  test('work gives what it gives, and its error is its own', async () => {
    expect(await inSpan('work', { parent: TRACEPARENT }, async ({ traceparent }) => traceparent)).toBe(TRACEPARENT);
    const error = new Error('broken');
    await expect(inSpan('work', { parent: null }, () => Promise.reject(error))).rejects.toBe(error);
  });
});

test.each([
  [TRACEPARENT, true],
  [TRACEPARENT.replace(/1$/, '0'), false],
  [TRACEPARENT.replace(/1$/, '3'), true],
  [null, false],
  ['00-0-0-01', false],
])('whether %s is recorded: %s', (traceparent, expected) => expect(isSampled(traceparent)).toBe(expected));

test('a traced transport hands on records, offsets and errors as they are', async () => {
  const seen: unknown[] = [];
  const record = {
    key: 'k',
    headers: { ce_type: 't', traceparent: TRACEPARENT },
    value: new Uint8Array([1]),
    offset: 7,
  };
  const failure = new Error('no connection');
  const transport = tracedTransport(
    {
      ensureTopics: async () => new Map(),
      publish: async (_, records) => {
        seen.push(records);
        throw failure;
      },
      subscribe: async (_, __, onChunk) => {
        const watermarks = async () => ({ low: 0, high: 8 });
        const chunk = { clusterId: 'c', topic: 't', partition: 0, assignment: 1, watermarks };
        seen.push(await onChunk({ ...chunk, records: [record] }));
        return { ready: () => true, stop: async () => undefined };
      },
      lag: async () => [],
      close: async () => undefined,
    },
    'kafka',
  );
  await expect(transport.publish('t', [record])).rejects.toBe(failure);
  await transport.subscribe('g', ['t'], async ({ records }) => {
    seen.push(records);
    return 8;
  });
  expect(seen).toEqual([[record], [record], 8]);
});
