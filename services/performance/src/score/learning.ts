/** The component C: learning hours, by R1, R2, R12 and R13. */
import { overlap, type Span } from '../period/calendar.js';
import { begunSpan, monthsServed, serviceSpan } from './availability.js';
import { Exact, HUNDRED, halfUp, ONE, ZERO } from './exact.js';
import { type Attained, type Checkpoint, type HoursFact, inOrder, newest, type Person, type Source } from './facts.js';

export interface LearningFacts {
  readonly person: Person;
  readonly absences: readonly Span[];
  readonly hours: readonly HoursFact[];
}

const MONTHS_OF_A_YEAR = 12;

/**
 * C = min(1, counted ÷ due), due = entitlement × months of service begun ÷ 12, less what absences take of them. A month
 * with a day of service is a whole one, as in the entitlement that the competency service shows.
 * Which hours count is the competency service's word alone. With hours due and none counted C is 0
 * and stays in, so that a training can only help.
 */
export function learning(facts: LearningFacts, checkpoint: Checkpoint): Attained {
  const ledger = newest(facts.hours, (fact) => fact.ledgerId).at(-1) ?? null;
  const sources = inOrder((ledger?.records ?? []).map(source));
  const begun = begunSpan(checkpoint);
  const service = begun && overlap(serviceSpan(facts.person), begun);
  const months = service ? monthsServed(service, facts.absences) : ZERO;
  const out = (note: string): Attained => ({ attainment: null, share: ONE, note: `left out: ${note}`, sources });
  if (months.isZero()) return out('no month of service at work has begun');
  if (!ledger) return { attainment: ZERO, share: ONE, note: 'no hours counted', sources };
  const due = Exact.of(ledger.entitlement).times(months).div(MONTHS_OF_A_YEAR);
  if (due.isZero()) return out('no hours are due');
  return {
    attainment: Exact.min(ONE, Exact.of(ledger.counted).div(due)).times(HUNDRED),
    share: ONE,
    note: `${Exact.of(ledger.counted)} of ${halfUp(due, 2)} hours due`,
    sources,
  };
}

const source = (record: HoursFact['records'][number]): Source => ({
  eventId: record.eventId,
  type: record.eventType ?? 'TrainingCompleted',
  quantity: Exact.of(record.hours).toString(),
  counted: Exact.of(record.counted).toString(),
  reason: record.reason,
  occurredAt: record.completedAt?.toISOString() ?? null,
  actor: null,
});
