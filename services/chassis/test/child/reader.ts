/** Reads as a member of a group, and says what it has handled before it lets the group go on. Made to be killed. */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { openTransport } from '../../src/transport/transport.open.js';

const [topic, group] = process.argv.slice(2) as [string, string];
const transport = await openTransport(process.env, pino({ level: 'silent' }));
await transport.subscribe(group, [topic], async ({ records }) => {
  for (const { headers } of records) writeSync(1, `${headers['n']}\n`);
  return records.at(-1)!.offset + 1;
});
