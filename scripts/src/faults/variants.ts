/** Consumers and relays that are broken on purpose, each with what shows it: the suite must find every one. */
import type { Kind } from './checker.finding.js';
import type { Fault } from './fault.js';
import { kills } from './faults.kill.js';
import { points } from './faults.point.js';
import { remadeTopics } from './faults.topic.js';
import { transports } from './faults.transport.js';

export interface Variant {
  /** As the modules before the chassis's own know it. */
  readonly name: string;
  readonly what: string;
  readonly fault: Fault;
  /** What the checker must find. */
  readonly shows: Kind;
}

const faultOf = (part: string): Fault => [...kills, ...points, ...transports].find(({ name }) => name.includes(part))!;

export const variants: readonly Variant[] = [
  {
    ...{ name: 'cursor', what: 'a relay with a cursor over ids', shows: 'lost' },
    fault: faultOf('commits in another order'),
  },
  { name: 'four-relays', what: 'four relays at once', shows: 'inversion', fault: faultOf('late') },
  { name: 'no-sequence', what: 'no sequence check', shows: 'twice', fault: faultOf('twice') },
  { name: 'offset-first', what: 'the offset before the commit', shows: 'lost', fault: faultOf('before its commit') },
  { name: 'no-fence', what: 'no fence on a topic made anew', shows: 'lost', fault: remadeTopics },
  { name: 'no-idempotency', what: 'keys without meaning', shows: 'twice', fault: faultOf('kill -9 gateway') },
];
