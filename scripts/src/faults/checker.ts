/** Compares what was acknowledged with everything that bears witness of it. Finds nothing only when nothing is wrong. */
import type { Evidence, Given, Published, Written } from './evidence.js';
import type { Acknowledged } from './ledger.js';

/** `gap`: a number was missing and was waited for, which is no harm. `waiting`: something still is set aside. */
export type Kind = 'lost' | 'twice' | 'inversion' | 'gap' | 'waiting';

export interface Finding {
  readonly kind: Kind;
  readonly fault: string;
  readonly what: string;
}

/** From when on something counts to a fault: until the next one begins. Milliseconds. */
export interface Window {
  readonly fault: string;
  readonly from: number;
  /** The fault itself turns the order on the topic around; what is applied must be in order all the same. */
  readonly disorders?: boolean;
}

export function check(
  acknowledged: readonly Acknowledged[],
  evidence: Evidence,
  windows: readonly Window[],
): Finding[] {
  const at = (moment: number) => windows.findLast(({ from }) => from <= moment)?.fault ?? windows[0]?.fault ?? '';
  const disorderly = new Set(windows.filter(({ disorders }) => disorders).map(({ fault }) => fault));
  const faultOf = new Map(evidence.written.map(({ eventId, recordedAt }) => [eventId, at(recordedAt)]));
  const of = (eventId: string) => faultOf.get(eventId) ?? '';
  return [
    ...checkAnswers(acknowledged, evidence.written),
    ...checkTopics(evidence, of).filter(({ kind, fault }) => kind !== 'inversion' || !disorderly.has(fault)),
    ...checkEffects(evidence, of),
    ...checkEnds(evidence, of),
    ...checkScores(acknowledged, evidence),
    ...checkLetters(evidence, at),
  ];
}

const name = (service: string, subject: string, type: string): string => `${service} ${subject} ${type}`;

/** Ledger against outboxes: each answer has its event, and there is no event that nobody was told of. */
function checkAnswers(acknowledged: readonly Acknowledged[], written: readonly Written[]): Finding[] {
  const events = countBy(written, ({ service, subject, type }) => name(service, subject, type));
  const answers = groupBy(acknowledged, ({ service, subject, type }) => name(service, subject, type));
  return [...answers].flatMap(([what, told]): Finding[] => {
    const there = events.get(what) ?? 0;
    const kind = there < told.length ? 'lost' : 'twice';
    const missing = Math.abs(told.length - there);
    const { fault } = told.at(-1)!;
    return times(missing, { kind, fault, what: `${what}: told ${told.length} times, written ${there} times` });
  });
}

/** Outboxes against topics: each event is there, and each number of a thing comes for the first time after the one before it. */
function checkTopics({ written, published }: Evidence, of: (eventId: string) => string): Finding[] {
  const there = new Set(published.map(({ eventId }) => eventId));
  const missing = written
    .filter(({ eventId, type }) => !there.has(eventId) && !isShared(type))
    .map(({ eventId, subject, sequence, parked }): Finding => {
      return {
        kind: 'lost',
        fault: of(eventId),
        what: `${subject} #${sequence}: on no topic${parked ? ', parked' : ''}`,
      };
    });
  return [...missing, ...firstAppearances(published, of)];
}

/** What services ask of one another, and who read of whom, goes its own way. */
const isShared = (type: string): boolean => /^merit\.(events|access)\.v1\./.test(type);

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
function checkEffects({ written, handlers, given }: Evidence, of: (eventId: string) => string): Finding[] {
  const effects = groupBy(
    given.filter(({ snapshot }) => !snapshot),
    ({ service, handler }) => `${service} ${handler}`,
  );
  return handlers.flatMap(({ service, handler, types }) => {
    const got = effects.get(`${service} ${handler}`) ?? [];
    const topic = handler.split(' ')[0];
    const wanted = written.filter((event) => types.includes(event.type) && topic === `merit.${event.service}.v1`);
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
function checkEnds({ written, handlers, applied }: Evidence, of: (eventId: string) => string): Finding[] {
  const lasts = [...groupBy(written, ({ service, subject }) => `/merit/${service} ${subject}`)].map(([, events]) =>
    events.reduce((last, event) => (event.sequence > last.sequence ? event : last)),
  );
  const ends = new Map(applied.map((row) => [`${row.service} ${row.source} ${row.subject}`, row.sequence]));
  const reads = new Set(handlers.map(({ service, handler }) => `${service} ${handler.split(' ')[0]}`));
  const readers = [...new Set(handlers.map(({ service }) => service))];
  return readers.flatMap((reader) =>
    lasts.flatMap((event): Finding[] => {
      if (isShared(event.type) || !reads.has(`${reader} merit.${event.service}.v1`)) return [];
      const end = ends.get(`${reader} /merit/${event.service} ${event.subject}`) ?? 0;
      if (end === event.sequence) return [];
      const what = `${reader} stands at #${end} of ${event.subject}, which is at #${event.sequence}`;
      return [{ kind: 'lost', fault: of(event.eventId), what }];
    }),
  );
}

/** Ledger against scores: each training counts once, with what was acknowledged last. */
function checkScores(acknowledged: readonly Acknowledged[], { written, scored }: Evidence): Finding[] {
  const subjectOf = new Map(written.map(({ eventId, subject }) => [eventId, subject]));
  const counted = groupBy(scored, ({ eventId }) => subjectOf.get(eventId) ?? eventId);
  const trainings = groupBy(
    acknowledged.filter(({ training }) => training),
    ({ subject }) => subject,
  );
  return [...trainings].flatMap(([subject, answers]): Finding[] => {
    const { training, fault } = answers.reduce((a, b) => (b.sequence > a.sequence ? b : a));
    const found = counted.get(subject) ?? [];
    const [first] = found;
    if (found.length > 1)
      return [{ kind: 'twice', fault, what: `${subject} counts ${found.length} times in the score` }];
    if (first?.quantity === training!.hours && first.employeeId === training!.employeeId) return [];
    const what = `${subject}: ${training!.hours} hours were acknowledged, the score has ${first?.quantity ?? 'none'}`;
    return [{ kind: 'lost', fault, what }];
  });
}

/** What was set aside: that a number was missing is told of each fault; that something still waits is a fault of its own. */
const checkLetters = ({ letters }: Evidence, at: (moment: number) => string): Finding[] =>
  letters.flatMap(({ service, code, state, eventId, parkedAt }): Finding[] => [
    ...(code === 'GAP' ? [{ kind: 'gap' as const, fault: at(parkedAt), what: `${service}: before ${eventId}` }] : []),
    ...(state === 'WAITING'
      ? [{ kind: 'waiting' as const, fault: at(parkedAt), what: `${service}: ${code} ${eventId}` }]
      : []),
  ]);

const times = (count: number, finding: Finding): Finding[] => Array.from({ length: count }, () => finding);

function groupBy<T>(things: readonly T[], by: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(by(thing));
    if (group) group.push(thing);
    else groups.set(by(thing), [thing]);
  }
  return groups;
}

const countBy = <T>(things: readonly T[], by: (thing: T) => string): Map<string, number> =>
  new Map([...groupBy(things, by)].map(([key, group]) => [key, group.length]));
