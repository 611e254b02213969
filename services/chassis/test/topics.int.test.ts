/** Topics that an operator keeps, against a real broker. */
import { randomUUID } from 'node:crypto';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { topicSettings } from '../src/transport/topic.js';
import { makeTopics } from '../src/transport/transport.kafka.admin.js';
import { openTopics } from '../src/transport/transport.kafka.topics.js';
import { openTransport } from '../src/transport/transport.open.js';
import { eventuallyHolds } from './eventually.js';

const kafka = process.env['MERIT_TEST_KAFKA'];
const log = pino({ level: 'silent' });

(kafka ? describe : describe.skip)('the topics of an operator', () => {
  const brokers = kafka?.split(',') ?? [];
  let admin: Admin;
  beforeAll(async () => {
    admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(() => admin.disconnect());

  const wanted = (name = `test.${randomUUID()}`) => ({ topic: name, ...topicSettings(1) });

  test('are made once, and found as wanted from then on', async () => {
    const topics = openTopics({ brokers, security: {}, log });
    const list = [wanted(), wanted()];
    expect(await topics.compare(list)).toEqual(list.map(({ topic }) => ({ topic, exists: false, drift: [] })));
    for (let time = 0; time < 2; time += 1) {
      await topics.apply(list);
      await eventuallyHolds(async () =>
        expect(await topics.compare(list)).toEqual(list.map(({ topic }) => ({ topic, exists: true, drift: [] }))),
      );
    }
  });

  test('of other settings are told and mended, and what cannot be mended says why', async () => {
    const topics = openTopics({ brokers, security: {}, log });
    const mine = wanted();
    await makeTopics(admin, [{ topic: mine.topic, numPartitions: 3, replicationFactor: 1 }]);
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: mine.topic,
          configEntries: [
            { name: 'retention.ms', value: '60000' },
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'compression.type', value: 'gzip' },
            { name: 'leader.replication.throttled.replicas', value: '0:1' },
          ],
        },
      ],
    });
    const drift = async () => (await topics.compare([mine]))[0]!.drift;
    const partitions = {
      setting: 'partitions',
      wanted: '6',
      found: '3',
      obstacle: expect.stringContaining('must not'),
    };
    const mendable = (setting: string, want: string, found: string) => ({
      setting,
      wanted: want,
      found,
      obstacle: null,
    });
    const drifted = [
      partitions,
      mendable('cleanup.policy', 'delete', 'compact'),
      mendable('retention.ms', '1209600000', '60000'),
      mendable('compression.type', "the broker's default", 'gzip'),
    ];
    await eventuallyHolds(async () => expect(await drift()).toEqual(drifted));
    await topics.apply([mine]);
    await eventuallyHolds(async () => expect(await drift()).toEqual([partitions]));
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: mine.topic }],
    });
    const throttle = resources[0]!.configEntries.find(({ configName }) => configName.startsWith('leader.replication'));
    expect(throttle?.configValue).toBe('0:1');
  });

  test('keep what a topic needs to be written to, where it has fewer copies than wanted', async () => {
    const topics = openTopics({ brokers, security: {}, log });
    const mine = wanted();
    await topics.apply([mine]);
    await eventuallyHolds(async () => expect(await topics.compare([mine])).toMatchObject([{ exists: true }]));
    const more = { ...mine, ...topicSettings(3) };
    await topics.apply([{ ...more, config: { ...more.config, 'retention.ms': '60000' } }]);
    const drifted = [
      expect.objectContaining({ setting: 'replication', wanted: '3', found: '1' }),
      expect.objectContaining({ setting: 'retention.ms', found: '60000', obstacle: null }),
      expect.objectContaining({ setting: 'min.insync.replicas', found: '1', obstacle: expect.any(String) }),
    ];
    await eventuallyHolds(async () => expect((await topics.compare([more]))[0]!.drift).toEqual(drifted));
  });

  test('are not made by a service that must not, which says what to run', async () => {
    const env = { KAFKA_BROKERS: kafka, KAFKA_CREATE_TOPICS: 'false' };
    const transport = await openTransport(env, log);
    const { topic } = wanted();
    await expect(transport.ensureTopics([topic])).rejects.toThrow(/no topic test\..*events topics --apply/);
    await transport.close(5_000);
  });
});
