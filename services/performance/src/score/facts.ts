/**
 * What a score is computed from. A fact is never edited: a correction is another fact, which names
 * what it replaces or carries a higher version. So a list of facts may come in any order, and hold
 * one twice, and mean the same.
 */
import type { LocalDate } from '@merit/chassis/local-date';
import type { HoldingKind } from '@merit/directory/rank';
import type { Span } from '../period/calendar.js';
import type { Aspect, WorkResultKind } from '../plan/plan.js';
import type { Element } from '../policy/policy.js';
import type { Exact } from './exact.js';

/** Where a fact comes from. */
export interface Origin {
  readonly eventId: string;
  readonly occurredAt: Date;
  /** `employee/<id>`, `client/<id>` or `system`; null when nobody may learn it. */
  readonly actor: string | null;
}

export interface Person {
  readonly employeeId: string;
  readonly serviceFrom: LocalDate;
  readonly leftOn: LocalDate | null;
  /** With which agency from which day on. */
  readonly employments: readonly { readonly agencyId: string; readonly from: LocalDate }[];
}

export interface IndicatorFact {
  readonly id: string;
  readonly aspect: Aspect;
  /** A decimal. */
  readonly target: string;
  /** Days by which equal parts of the target are due; empty when the months say. */
  readonly dueDates: readonly LocalDate[];
}
export interface WorkResultFact {
  readonly kind: WorkResultKind;
  readonly indicators: readonly IndicatorFact[];
}
/** An agreed plan in full, as of one of its versions. */
export interface PlanFact extends Origin {
  readonly planId: string;
  readonly version: number;
  readonly agencyId: string;
  readonly span: Span;
  readonly workResults: readonly WorkResultFact[];
}

export interface RealisationFact extends Origin {
  readonly realisationId: string;
  readonly indicatorId: string;
  /** A decimal. */
  readonly quantity: string;
  readonly realisedOn: LocalDate;
  /** The realisation that this one replaces. */
  readonly replaces: string | null;
}

/** A person's counted learning hours of a year in full, as of one version of the ledger. */
export interface HoursFact {
  readonly ledgerId: string;
  readonly version: number;
  readonly counted: string;
  /** Hours due in a full calendar year. */
  readonly entitlement: string;
  readonly records: readonly {
    readonly eventId: string;
    /** The event's type; absent where it was not told. */
    readonly eventType?: string;
    readonly hours: string;
    readonly counted: string;
    readonly reason: string | null;
    readonly completedAt: Date | null;
  }[];
}

/** That a person serves a public service. */
export interface ServingFact {
  readonly serviceId: string;
  readonly span: Span;
}
/** That somebody holds the leading position of a unit. */
export interface LeadingFact {
  readonly assignmentId: string;
  readonly employeeId: string;
  readonly unitId: string;
  readonly kind: HoldingKind;
  readonly span: Span;
  readonly recordedAt: Date;
}

export interface SatisfactionFact {
  readonly eventId: string;
  readonly measurementId: string;
  readonly unitId: string;
  readonly window: Span;
  /** n: the responses that count. */
  readonly respondents: number;
  /** N: the people served, if known. */
  readonly population: number | null;
  /** The sum of the answers to each element. */
  readonly elements: Readonly<Partial<Record<Element, number>>>;
  readonly supersedes: string | null;
  readonly occurredAt: Date;
}
/** One step of a complaint, numbered within it. */
export interface ComplaintFact {
  readonly eventId: string;
  readonly complaintId: string;
  readonly unitId: string;
  readonly sequence: number;
  readonly step: 'FORWARDED' | 'RESOLVED' | 'REOPENED' | 'DEADLINE_PASSED' | 'REJECTED';
  readonly at: Date;
  readonly dueAt: Date | null;
  readonly inTime: boolean | null;
}
/** What is known of one public service: stored once, whoever serves it. */
export interface ServiceFacts {
  readonly serviceId: string;
  /** The unit that gives it, by the catalogue of services; null while that is unknown. */
  readonly unitId: string | null;
  readonly satisfaction: readonly SatisfactionFact[];
  readonly complaints: readonly ComplaintFact[];
}

/** How far time has come, as facts say it: never the clock. */
export interface Checkpoint {
  readonly year: number;
  /** The first day of the latest month that has begun; null before the first. */
  readonly monthBegun: LocalDate | null;
  readonly closed: boolean;
  readonly timeZone: string;
}

/** One fact's part in a score. Quantities are decimals. */
export interface Source {
  readonly eventId: string;
  readonly type: string;
  readonly quantity: string;
  readonly counted: string;
  /** A rule's code when less counts than there is. */
  readonly reason: string | null;
  readonly occurredAt: string | null;
  readonly actor: string | null;
}

/** What one component comes to. */
export interface Attained {
  /** 0 to 100; null when the component is left out. */
  readonly attainment: Exact | null;
  /** The share of the component's weight that concerns this person. */
  readonly share: Exact;
  readonly note: string | null;
  readonly sources: readonly Source[];
}

/** The newest version of each thing, in the order of their ids: any order of arrival gives the same. */
export function newest<F extends { readonly version: number }>(facts: readonly F[], idOf: (fact: F) => string): F[] {
  const best = new Map<string, F>();
  for (const fact of facts) {
    const rival = best.get(idOf(fact));
    if (!rival || fact.version > rival.version) best.set(idOf(fact), fact);
  }
  return [...best.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** Sources in the order of time, those without one by their event. */
export const inOrder = (sources: readonly Source[]): Source[] =>
  [...sources].sort((a, b) => {
    const [left, right] = [`${a.occurredAt ?? ''} ${a.eventId}`, `${b.occurredAt ?? ''} ${b.eventId}`];
    return left < right ? -1 : left > right ? 1 : 0;
  });
