import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf, until } from '../process.js';
import { kafkaAvailable } from './java.js';
import { type KafkaSet, startKafkaSet } from './set.js';

const available = kafkaAvailable().ok && process.env['MERIT_KAFKA_TESTS'] !== '0';

(available ? describe : describe.skip)('three brokers', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit-kafka-set-'));
  let set: KafkaSet;
  beforeAll(async () => {
    set = await startKafkaSet({ dataDir: folder });
  }, 60_000);
  afterAll(async () => {
    await set?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const others = (id: number) => [1, 2, 3].filter((each) => each !== id);

  test('elect another controller when theirs is killed, and take it back', async () => {
    const first = set.controller();
    const { pid } = set.broker(first);
    await set.broker(first).kill();
    expect(commandOf(pid)).toBeUndefined();
    const second = () => {
      try {
        return set.controller();
      } catch {
        return first; // an election is under way
      }
    };
    expect(await until(() => others(first).includes(second()), 20_000)).toBe(true);
    await set.broker(first).start();
    expect(set.broker(first).pid).not.toBe(pid);
    expect(readdirSync(path.join(folder, `broker-${first}`))).toContain('log');
  }, 60_000);

  test('a broker is stopped in its tracks, goes on, and ends in order', async () => {
    const broker = set.broker(1);
    const { pid } = broker;
    broker.pause();
    broker.resume();
    await broker.stop();
    expect(commandOf(pid)).toBeUndefined();
    await expect(broker.start()).resolves.toBeUndefined();
    expect(broker.pid).not.toBe(pid);
  }, 60_000);
});
