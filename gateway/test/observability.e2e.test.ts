/** What an operator sees of real processes: one trace from the mutation to the score, on either transport. */

import { randomBytes } from 'node:crypto';
import { type ReceivedSpan, receiveTraces } from '@merit/chassis/testing.traces';
import { type ListedMetric, listedMetrics } from '../../scripts/test/metrics.js';
import { eventually } from './eventually.js';
import { type Answer, startWorld, type World } from './world.js';

const COMPLETE = `mutation Complete($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id status } } }`;
const CERTIFICATE = 'JEJAK/2026/1';
const SCORE = 'publish merit.performance.v1.ScoreChanged';

const kafka = process.env['MERIT_TEST_KAFKA'];
const transports: [name: string, brokers: string | undefined, system: string][] = [
  ['the embedded log', undefined, 'postgresql'],
  ...(kafka ? ([['Kafka', kafka, 'kafka']] as [string, string, string][]) : []),
];

/** A series has all the labels of its figure. */
const labelsOf = (listed: readonly ListedMetric[], name: string) =>
  listed.find((each) => each.name === name || `${each.name}_count` === name)?.labels;

describe.each(transports)('through %s', (_, kafkaBrokers, system) => {
  let world: World;
  let traces: Awaited<ReturnType<typeof receiveTraces>>;
  const before = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  beforeAll(async () => {
    traces = await receiveTraces();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = traces.url; // the processes inherit it
    world = await startWorld({ kafkaBrokers });
  }, 180_000);
  afterAll(async () => {
    await world?.stop();
    await traces?.stop();
    if (before === undefined) delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    else process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = before;
  }, 60_000);

  /** Completes a new training in a trace that the client has begun; answers the trace's id and the client's span. */
  async function complete(code: string, sampled: boolean) {
    const enrolmentId = await world.openPlace(world.people.employee, code);
    const [trace, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const response = await fetch(`${world.merit.gatewayUrl}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${world.tokenOf('hr')}`,
        traceparent: `00-${trace}-${span}-0${sampled ? 1 : 0}`,
      },
      body: JSON.stringify({
        query: COMPLETE,
        variables: {
          input: {
            enrolmentId,
            hours: 1,
            certificateNumber: `${CERTIFICATE}/${code}`,
            completedAt: '2026-03-04T08:00:00Z',
            idempotencyKey: code,
          },
        },
      }),
    });
    const { data, errors = [] } = (await response.json()) as Answer;
    expect([data?.completeTraining.enrolment.status, errors]).toEqual(['COMPLETED', []]);
    return { trace, span };
  }
  const spansOf = (trace: string) => traces.spans.filter(({ traceId }) => traceId === trace);
  const theOne = (spans: readonly ReceivedSpan[], service: string, name: string): ReceivedSpan => {
    const found = spans.filter((span) => span.service === service && span.name === name);
    expect([name, found.length]).toEqual([name, 1]);
    return found[0]!;
  };

  test('one trace leads from the mutation to the score', async () => {
    const { trace, span } = await complete('JEJAK-1', true);
    const way: [service: string, name: string][] = [
      ['gateway', 'POST /graphql'],
      ['gateway', 'POST competency'],
      ['competency', 'POST /graphql'],
      ['competency', 'command completeTraining'],
      ['performance', 'process merit.competency.v1.LearningHoursCounted'],
      ['performance', SCORE],
    ];
    const beside = ['TrainingCompleted', 'LearningHoursCounted'].flatMap((type) =>
      ['outbox', 'publish'].map((step): [string, string, string] => [
        'competency',
        `${step} merit.competency.v1.${type}`,
        type,
      ]),
    );
    const spans = await eventually(async () => {
      const found = spansOf(trace);
      const isThere = (service: string, name: string) =>
        found.some((each) => each.service === service && each.name === name);
      return [...way, ...beside].every(([service, name]) => isThere(service, name)) && found;
    });
    let parent = span;
    for (const [service, name] of way) {
      const step = theOne(spans, service, name);
      expect([name, step.parent, step.failed]).toEqual([name, parent, false]);
      parent = step.spanId;
    }

    const command = theOne(spans, 'competency', 'command completeTraining');
    for (const [service, name, type] of beside) {
      const out = theOne(spans, service, name);
      expect(out.parent).toBe(command.spanId);
      expect(out.attributes).toMatchObject({
        'messaging.system': system,
        'messaging.destination.name': 'merit.competency.v1',
        'cloudevents.event_type': `merit.competency.v1.${type}`,
      });
    }
    const applied = theOne(spans, 'performance', 'process merit.competency.v1.LearningHoursCounted');
    const published = theOne(spans, 'competency', 'publish merit.competency.v1.LearningHoursCounted');
    expect(applied.attributes['messaging.message.id']).toBe(published.attributes['messaging.message.id']);
    expect(applied.attributes['messaging.consumer.group.name']).toBe('performance');

    // The chunk in which it came is a trace of its own, and the two know of each other.
    const chunk = await eventually(async () => traces.spans.find(({ spanId }) => applied.links.includes(spanId)));
    expect(chunk).toMatchObject({ service: 'performance', name: 'process merit.competency.v1', parent: null });
    expect(chunk.traceId).not.toBe(trace);
    expect(chunk.links).toContain(command.spanId);
  });

  test('nothing is recorded of a trace that its beginner does not record', async () => {
    const unseen = await complete('JEJAK-2', false);
    const seen = await complete('JEJAK-3', true);
    // Every process sends its spans in the order in which they ended.
    await eventually(async () => spansOf(seen.trace).some(({ name }) => name === SCORE));
    expect(spansOf(unseen.trace)).toEqual([]);
  });

  test('every process shows the figures that are listed as its own, and none that is not listed', async () => {
    const listed = listedMetrics();
    const isOf =
      (process: string) =>
      ({ of }: ListedMetric) =>
        of === 'all' || (of === 'gateway') === (process === 'gateway');
    const told = ({ name, type }: ListedMetric) => `${name} ${type}`;
    for (const [process, url] of Object.entries(world.merit.urls).filter(([name]) => name !== 'identity')) {
      const text = await (await fetch(new URL('/metrics', url))).text();
      const shown = [...text.matchAll(/^# TYPE (merit_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
      const missing = listed
        .filter(isOf(process))
        .map(told)
        .filter((each) => !shown.includes(each));
      const unlisted = shown.filter((each) => !listed.map(told).includes(each));
      expect({ process, missing, unlisted }).toEqual({ process, missing: [], unlisted: [] });
      for (const [, name = '', labels = ''] of text.matchAll(/^(merit_\w+?)(?:_bucket|_sum|_count)?\{(.*?)\} /gm)) {
        const names = [...labels.matchAll(/(\w+)="/g)].map((match) => match[1]!).filter((label) => label !== 'le');
        expect([name, names.sort()]).toEqual([name, labelsOf(listed, name)]);
      }
    }
  });

  test('no span names a person, or what was said of one', async () => {
    await eventually(async () => traces.spans.some(({ service }) => service === 'personnel'));
    const all = JSON.stringify(traces.spans);
    for (const id of Object.values(world.people)) expect(all).not.toContain(id);
    for (const text of ['Siti', CERTIFICATE, world.tokenOf('hr')]) expect(all).not.toContain(text);
  });
});
