/** A process as services are, in which something goes wrong that nobody handles. */
import { setTimeout as pause } from 'node:timers/promises';
import { buildSchema, graphql } from 'graphql';
import { createLog } from '../../src/log.js';
import { exitOnUnhandled } from '../../src/shutdown.js';

const log = createLog('test', 'info');
exitOnUnhandled(log);
setInterval(() => undefined, 1_000); // it has more to do
const wrong = () => new Error('Value is not a valid UUID: 198501012010011001');
switch (process.argv[2]) {
  case 'promise':
    void pause(1).then(() => {
      throw wrong();
    });
    break;
  case 'callback':
    setTimeout(() => {
      throw wrong();
    });
    break;
  case 'item': {
    const schema = buildSchema('type Query { items: [Item!] } type Item { late: Int! }');
    const late = () => pause(1).then(() => Promise.reject(wrong()));
    const now = () => {
      throw wrong();
    };
    await graphql({ schema, source: '{ items { late } }', rootValue: { items: [{ late }, { late: now }] } });
    break;
  }
  default:
    await pause(1);
    throw wrong();
}
