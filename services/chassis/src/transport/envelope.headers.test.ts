import { randomUUID } from 'node:crypto';
import { HEADERS, type Header, type Presence } from './envelope.headers.js';
import { heartbeat, snapshotEnded, toRecord } from './envelope.js';

const at = new Date('2026-06-15T03:00:00Z');
const event = {
  id: randomUUID(),
  source: '/merit/competency',
  type: 'merit.competency.v1.TrainingCompleted',
  aggregate: 'enrolment/1',
  sequence: 1,
  occurredAt: at,
  recordedAt: at,
  key: 'someone',
  payload: new Uint8Array(),
  headers: { ce_actor: 'system', ce_agency: randomUUID(), traceparent: '00-0-0-01' },
};
const always = (on: readonly Presence[]) =>
  Object.entries<Header>(HEADERS)
    .filter(([, header]) => on.includes(header.on))
    .map(([name]) => name);

test.each([
  ['an event', toRecord({ ...event, timeline: 2, snapshot: 'run' }), ['record', 'message', 'event', 'sometimes']],
  ['an event of which little is known', toRecord({ ...event, headers: {} }), ['record', 'message', 'event']],
  ['the end of a snapshot', snapshotEnded({ ...event, snapshot: null }, 0), ['record', 'message']],
  ['a heartbeat', heartbeat(event.source, event.id, at, 0), ['record']],
] as const)('%s has the headers that are described for it, and in their form', (_, { headers }, on) => {
  expect(Object.keys(headers).sort()).toEqual(always(on).sort());
  for (const [name, value] of Object.entries<string>(headers)) {
    const { always: only, pattern } = (HEADERS as Record<string, Header>)[name]!;
    if (only !== undefined) expect(value).toBe(only);
    if (pattern !== undefined) expect(value).toMatch(new RegExp(pattern));
  }
});
