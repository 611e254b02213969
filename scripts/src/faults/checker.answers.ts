/** What clients were told, against what came of it: the outboxes and the scores. */
import { groupBy } from '@merit/chassis/group-by';
import { type Finding, times } from './checker.finding.js';
import type { Evidence, Written } from './evidence.js';
import type { Account, Acknowledged } from './ledger.js';

const nameOf = ({ service, subject, type }: Pick<Written, 'service' | 'subject' | 'type'>): string =>
  `${service} ${subject} ${type}`;
const typeOf = ({ service, type }: Pick<Written, 'service' | 'type'>): string => `${service} ${type}`;

/**
 * Ledger against outboxes: each answer has its event, and each event of a type that clients bring about has its answer,
 * of whatever it tells. One that nobody was told of may be that of a mutation which was never answered, once each.
 */
export function checkAnswers(
  { acknowledged, unanswered }: Account,
  written: readonly Written[],
  at: (moment: number) => string,
): Finding[] {
  const types = new Set([...acknowledged, ...unanswered].map(typeOf));
  const events = groupBy(
    written.filter((event) => types.has(typeOf(event))),
    nameOf,
  );
  const answers = groupBy(acknowledged, nameOf);
  const excused = groupBy([...unanswered], typeOf);
  return [...new Set([...answers.keys(), ...events.keys()])].flatMap((name): Finding[] => {
    const [told, there] = [answers.get(name) ?? [], events.get(name) ?? []];
    const what = `${name}: told ${told.length} times, written ${there.length} times`;
    const lost = told.slice(there.length).flatMap(({ fault }) => times(1, { kind: 'lost', fault, what }));
    const extra = there
      .slice(told.length)
      .filter((event) => excused.get(typeOf(event))?.pop() === undefined)
      .map(({ recordedAt }): Finding => ({ kind: 'twice', fault: at(recordedAt), what }));
    return [...lost, ...extra];
  });
}

/** Ledger against scores: each training counts once, with what was acknowledged last. */
export function checkScores(acknowledged: readonly Acknowledged[], { written, scored }: Evidence): Finding[] {
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
