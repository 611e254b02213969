/** Where one public service stands: its latest satisfaction and what became of its complaints. Worked out once, whoever serves it. */
import { type LocalDate, localDateAt } from '@merit/chassis/local-date';
import type { ComplaintFact, SatisfactionFact, ServiceFacts } from './facts.js';

/** A complaint that fell due: finished, or past its limit (R9). */
export interface Outcome {
  /** The event that decided it, and its type. */
  readonly eventId: string;
  readonly type: 'ComplaintResolved' | 'ComplaintDeadlinePassed';
  readonly unitId: string;
  /** The day on which it was finished in time, or on which its limit passed. */
  readonly on: LocalDate;
  readonly inTime: boolean;
  readonly at: Date;
}

export interface Standing {
  readonly serviceId: string;
  /** The unit that gives it: as last measured, else by the catalogue of services. */
  readonly unitId: string | null;
  readonly measured: SatisfactionFact | null;
  /** In the order of days. */
  readonly outcomes: readonly Outcome[];
}

/** @param timeZone by which a moment falls on a day */
export function standingOf(facts: ServiceFacts, timeZone: string): Standing {
  const measured = latest(facts.satisfaction);
  const complaints = new Map<string, ComplaintFact[]>();
  for (const fact of facts.complaints) {
    const steps = complaints.get(fact.complaintId);
    if (steps) steps.push(fact);
    else complaints.set(fact.complaintId, [fact]);
  }
  const outcomes = [...complaints.values()].flatMap((steps) => outcomeOf(steps, timeZone) ?? []);
  return {
    serviceId: facts.serviceId,
    unitId: measured?.unitId ?? facts.unitId,
    measured,
    outcomes: outcomes.sort((a, b) => (`${a.on} ${a.eventId}` < `${b.on} ${b.eventId}` ? -1 : 1)),
  };
}

/** R7: the measurement of the longest window that no other supersedes. */
function latest(facts: readonly SatisfactionFact[]): SatisfactionFact | null {
  const superseded = new Set(facts.map((fact) => fact.supersedes));
  const rank = (fact: SatisfactionFact) => `${fact.window.to} ${fact.occurredAt.toISOString()} ${fact.eventId}`;
  return facts
    .filter((fact) => !superseded.has(fact.measurementId))
    .reduce<SatisfactionFact | null>((best, fact) => (best && rank(best) >= rank(fact) ? best : fact), null);
}

/**
 * R9: follows a complaint from step to step. Once its limit has passed it is late for good;
 * reopening takes back that it was finished, and its first clock runs on. Null while it is not due.
 */
function outcomeOf(facts: readonly ComplaintFact[], timeZone: string): Outcome | null {
  let finished: ComplaintFact | null = null;
  let late: ComplaintFact | null = null;
  for (const fact of [...facts].sort((a, b) => a.sequence - b.sequence)) {
    switch (fact.step) {
      case 'FORWARDED':
        break;
      case 'RESOLVED':
        finished = fact;
        if (!fact.inTime) late ??= fact;
        break;
      case 'REOPENED':
        finished = null;
        break;
      case 'DEADLINE_PASSED':
        late ??= fact;
        break;
      case 'REJECTED':
        return null;
      default:
        fact.step satisfies never;
    }
  }
  const decided = late ?? finished;
  if (!decided) return null;
  const { eventId, unitId, at, dueAt } = decided;
  const type = decided.step === 'RESOLVED' ? 'ComplaintResolved' : 'ComplaintDeadlinePassed';
  return { eventId, type, unitId, at, inTime: !late, on: localDateAt(late ? (dueAt ?? at) : at, timeZone) };
}
