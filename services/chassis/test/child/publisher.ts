/** Publishes numbered records as fast as it can, and says each number once it is durable. Made to be killed. */
import { pino } from 'pino';
import { openTransport } from '../../src/transport/transport.open.js';

const topic = process.argv[2]!;
const transport = await openTransport(process.env, pino({ level: 'silent' }));
for (let n = 0; ; n += 10) {
  const batch = Array.from({ length: 10 }, (_, i) => n + i);
  await transport.publish(
    topic,
    batch.map((number) => ({ key: `key ${number % 7}`, headers: { n: String(number) }, value: new Uint8Array() })),
  );
  process.stdout.write(`${batch.at(-1)}\n`);
}
