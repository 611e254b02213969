/** What was written down, against what bears witness of it on its way: the topics, the handlers, the readers' own account. */
import { groupBy } from '@merit/chassis/group-by';
import { sharedTopicOf } from '@merit/chassis/transport/envelope';
import { countBy, type Finding, times } from './checker.finding.js';
import type { Evidence, Given, Published, Written } from './evidence.js';

/** Outboxes against topics: each event is there, and each number of a thing comes for the first time after the one before it. */
export function checkTopics({ written, published }: Evidence, of: (eventId: string) => string): Finding[] {
  const there = new Set(published.map(({ eventId }) => eventId));
  const missing = written
    .filter(({ eventId, type }) => !there.has(eventId) && !isRequest({ type }))
    .map(({ eventId, subject, sequence, parked }): Finding => {
      return {
        kind: 'lost',
        fault: of(eventId),
        what: `${subject} #${sequence}: on no topic${parked ? ', parked' : ''}`,
      };
    });
  return [...missing, ...firstAppearances(published, of)];
}

/** What services ask of one another is repeated until it is answered: each single request may get lost. */
const isRequest = ({ type }: Pick<Written, 'type'>): boolean => type.startsWith('merit.events.v1.');

/** Where an event goes: to its service's own topic, or to one of all services. */
const topicOf = (event: Written): string => sharedTopicOf(event) ?? `merit.${event.service}.v1`;

function firstAppearances(published: readonly Published[], of: (eventId: string) => string): Finding[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const findings: Finding[] = [];
  for (const { eventId, subject, sequence, place } of published) {
    if (seen.has(eventId) || of(eventId) === '') continue;
    seen.add(eventId);
    const before = last.get(subject) ?? 0;
    if (sequence < before) {
      findings.push({
        kind: 'inversion',
        fault: of(eventId),
        what: `${place}: ${subject} #${sequence} behind #${before}`,
      });
    }
    last.set(subject, Math.max(before, sequence));
  }
  return findings;
}

/** Outboxes against what handlers were given: each event that one wants, once, and in the order of its thing. */
export function checkEffects({ written, handlers, given }: Evidence, of: (eventId: string) => string): Finding[] {
  const effects = groupBy(
    given.filter(({ snapshot }) => !snapshot),
    ({ service, handler }) => `${service} ${handler}`,
  );
  return handlers.flatMap(({ service, handler, types }) => {
    const got = effects.get(`${service} ${handler}`) ?? [];
    const topic = handler.split(' ')[0];
    const wanted = written.filter((event) => types.includes(event.type) && topic === topicOf(event));
    return [...checkCounts(service, wanted, got, of), ...checkOrder(service, got, of)];
  });
}

function checkCounts(
  service: string,
  wanted: readonly Written[],
  got: readonly Given[],
  of: (eventId: string) => string,
): Finding[] {
  const counts = countBy(got, ({ eventId }) => eventId);
  return wanted.flatMap(({ eventId, subject, sequence, type }): Finding[] => {
    const count = counts.get(eventId) ?? 0;
    const what = `${service}: ${type} ${subject} #${sequence} took effect ${count} times`;
    return times(Math.abs(count - 1), { kind: count === 0 ? 'lost' : 'twice', fault: of(eventId), what });
  });
}

function checkOrder(service: string, got: readonly Given[], of: (eventId: string) => string): Finding[] {
  const last = new Map<string, number>();
  return got.flatMap(({ eventId, subject, sequence }): Finding[] => {
    const before = last.get(subject) ?? 0;
    last.set(subject, Math.max(before, sequence));
    if (sequence >= before) return []; // the same number again is no inversion: it is found as twice
    return [{ kind: 'inversion', fault: of(eventId), what: `${service}: ${subject} #${sequence} after #${before}` }];
  });
}

/** What each service says it has applied of each thing, against the last number that its publisher gave out. */
export function checkEnds({ written, handlers, applied }: Evidence, of: (eventId: string) => string): Finding[] {
  const lasts = [...groupBy(written, ({ service, subject }) => `/merit/${service} ${subject}`)].map(([, events]) =>
    events.reduce((last, event) => (event.sequence > last.sequence ? event : last)),
  );
  const ends = new Map(applied.map((row) => [`${row.service} ${row.source} ${row.subject}`, row.sequence]));
  const reads = new Set(handlers.map(({ service, handler }) => `${service} ${handler.split(' ')[0]}`));
  const readers = [...new Set(handlers.map(({ service }) => service))];
  return readers.flatMap((reader) =>
    lasts.flatMap((event): Finding[] => {
      if (isRequest(event) || !reads.has(`${reader} ${topicOf(event)}`)) return [];
      const end = ends.get(`${reader} /merit/${event.service} ${event.subject}`) ?? 0;
      if (end === event.sequence) return [];
      const what = `${reader} stands at #${end} of ${event.subject}, which is at #${event.sequence}`;
      return [{ kind: 'lost', fault: of(event.eventId), what }];
    }),
  );
}
