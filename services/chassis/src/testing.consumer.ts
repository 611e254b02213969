/// <reference types="jest" />
/** A service's own consumer in a test: from a topic, through the inbox, into its database. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { type Consumer, type Subscription, startConsumer } from './in/consumer.js';
import { createLog } from './log.js';
import { registry } from './telemetry.js';
import { testDatabase } from './testing.js';
import { type ReceivedEvent, toRecord } from './transport/envelope.js';
import type { EventTransport } from './transport/transport.js';
import { openPostgresLog } from './transport/transport.postgres.js';

export interface TestConsumer {
  /** Publishes events, each on the topic of its type, and waits until the consumer is through with them. */
  readonly read: (...events: ReceivedEvent[]) => Promise<void>;
  /** What is set aside, in order: why, of which key, of which type. */
  readonly letters: () => Promise<{ code: string; key: string; type: string }[]>;
  /** How many events have had this outcome so far: `merit_consumer_events_total`. */
  readonly counted: (outcome: string) => Promise<number>;
}

/** To be called at the top of a test file. The consumer reads from a log of its own as long as the file's tests run. */
export function testConsumer(
  database: { readonly db: DataSource },
  subscriptions: readonly Subscription[],
): TestConsumer {
  const eventLog = testDatabase({ entities: [], migrations: [] });
  const log = createLog('test', process.env['LOG_LEVEL'] ?? 'silent');
  let transport: EventTransport;
  let consumer: Consumer;
  beforeAll(async () => {
    transport = openPostgresLog({ url: eventLog.url, log });
    consumer = await startConsumer({ db: database.db, transport, group: `test.${randomUUID()}`, subscriptions, log });
  });
  afterAll(async () => {
    await consumer?.stop();
    await transport?.close(5_000);
  });
  let published = 0;
  return {
    async read(...events) {
      for (const event of events) await transport.publish(topicOf(event), [toRecord({ ...event, headers: {} })]);
      published += events.length;
      for (const deadline = Date.now() + 30_000; (await positionOf(database.db)) < published; await pause(10)) {
        if (Date.now() > deadline) throw new Error('The consumer did not come to the end of what was published.');
      }
    },
    letters: () =>
      database.db.query(
        `select code, key, headers->>'ce_type' as type from dead_letter where state = 'WAITING' order by id`,
      ),
    async counted(outcome) {
      const { values } = await registry.getSingleMetric('merit_consumer_events_total')!.get();
      return values.filter(({ labels }) => labels['outcome'] === outcome).reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** `merit.personnel.v1.EmployeeLeft` is published on `merit.personnel.v1`. */
const topicOf = ({ type }: ReceivedEvent): string => type.slice(0, type.lastIndexOf('.'));

/** How many records the consumer has been through, applied or set aside. */
async function positionOf(db: DataSource): Promise<number> {
  const [row]: { n: number }[] = await db.query('select coalesce(sum(next_offset), 0)::int as n from consumer_offset');
  return row!.n;
}
