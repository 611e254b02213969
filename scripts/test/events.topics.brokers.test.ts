/** `events topics` against brokers as in production: three of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { findJars } from '@merit/infra/kafka/jars';
import { runTool } from '@merit/infra/kafka/java';
import { kafkaAvailable } from '@merit/infra/kafka/kafka';
import { type KafkaSet, startKafkaSet } from '@merit/infra/kafka/set';
import { eventsTopics } from '../src/merit/events.topics.js';

const available = kafkaAvailable().ok && process.env['MERIT_KAFKA_TESTS'] !== '0';
const TOPIC = 'merit.performance.v1';

(available ? describe : describe.skip)('the topics of three brokers', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit-kafka-topics-'));
  const printed = jest.spyOn(console, 'log');
  let set: KafkaSet;
  beforeAll(async () => {
    set = await startKafkaSet({ dataDir: folder });
  }, 120_000);
  afterAll(async () => {
    printed.mockRestore();
    await set?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  async function run(options: { apply?: boolean; copies?: string } = {}) {
    printed.mockReset().mockReturnValue();
    const graph = () => Promise.reject(new Error('nobody asks the graph'));
    const given = { brokers: set.brokers, copies: '3', yes: true, apply: false, ...options };
    const code = await eventsTopics.run({ parameters: [], options: given, json: false, graph });
    return { code, text: printed.mock.calls.flat().join('\n') };
  }
  /** Brokers hear of a change one after another. */
  async function until(code: number, says: RegExp) {
    for (let attempt = 0; attempt < 50; attempt += 1, await pause(200)) {
      const said = await run();
      if (said.code === code && says.test(said.text)) return said.text;
    }
    return (await run()).text;
  }
  /** As an operator does it, with Kafka's own tool. */
  const change = async (setting: string) =>
    runTool(await findJars(), 'kafka.admin.ConfigCommand', [
      ...['--bootstrap-server', set.brokers, '--alter', '--entity-type', 'topics', '--entity-name', TOPIC],
      ...['--add-config', setting],
    ]);

  test('are made with three copies of which two must be written, and a change to one is told and mended', async () => {
    const missing = await run();
    expect(missing.code).toBe(1);
    expect(missing.text.match(/ missing +6 partitions, 3 copies, 2 in sync, 14 days$/gm)).toHaveLength(6);

    await run({ apply: true });
    expect((await until(0, /as wanted/)).match(/as wanted/g)).toHaveLength(6);
    const fewer = await run({ copies: '2' });
    expect(fewer.code).toBe(1);
    expect(fewer.text.match(/replication is 3 and should be 2; copies are moved by Kafka/g)).toHaveLength(6);
    expect(fewer.text.match(/min\.insync\.replicas is 2 and should be 1/g)).toHaveLength(6);

    await change('min.insync.replicas=1');
    const told = await until(1, /differs/);
    expect(told).toMatch(/^merit\.performance\.v1 +differs/m);
    expect(told).toContain('min.insync.replicas is 1 and should be 2');
    expect(told.match(/differs/g)).toHaveLength(1);

    await run({ apply: true });
    expect((await until(0, /as wanted/)).match(/as wanted/g)).toHaveLength(6);
  }, 120_000);
});
