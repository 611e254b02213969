/** Objects that tests begin from: a whole, ordinary case each, in which a test changes what it is about. */
import { randomUUID } from 'node:crypto';
import { OPEN, type Span } from '../src/period/calendar.js';
import { ELEMENTS, type Element, type ScoringRules } from '../src/policy/policy.js';
import type {
  Checkpoint,
  ComplaintFact,
  HoursFact,
  IndicatorFact,
  LeadingFact,
  PlanFact,
  RealisationFact,
  SatisfactionFact,
  ServiceFacts,
  ServingFact,
  WorkResultFact,
} from '../src/score/facts.js';
import type { Facts } from '../src/score/fold.js';
import { standingOf } from '../src/score/standing.js';

/** The national default as the migration writes it; an integration test holds the two together. */
export const nationalRules: ScoringRules = {
  weights: { WORK_RESULTS: 60, BEHAVIOUR: 20, COMPETENCY: 10, PUBLIC_FEEDBACK: 10 },
  bands: [
    { band: 'SESUAI_JALUR', from: 80 },
    { band: 'PERLU_PERHATIAN', from: 60 },
    { band: 'TERTINGGAL', from: 0 },
  ],
  bandNeeds: { coverage: 0.8, availability: 0.5 },
  workResults: { main: 0.8, additional: 0.2, easingNeedsSuperiorAfter: 0.75 },
  satisfaction: {
    share: 0.7,
    topAnswer: 4,
    leastRespondents: 10,
    enoughRespondents: 30,
    sample: { chiSquare: 3.841, proportion: 0.5, error: 0.05 },
    headElements: ELEMENTS,
    staffElements: ['WAKTU', 'KOMPETENSI', 'PERILAKU', 'PENGADUAN'],
  },
  complaints: { share: 0.3, leastDue: 5 },
  guardrails: {
    WORK_RESULTS: { least: 40, most: 80 },
    BEHAVIOUR: { least: 0, most: 30 },
    COMPETENCY: { least: 0, most: 30 },
    PUBLIC_FEEDBACK: { least: 0, most: 30 },
  },
};

export const AGENCY = '00000000-0000-7000-8000-00000000a001';
export const PERSON = '00000000-0000-7000-8000-00000000e001';
export const UNIT = '00000000-0000-7000-8000-00000000b001';
export const SERVICE = '00000000-0000-7000-8000-00000000c001';
const at = new Date('2026-01-05T03:00:00Z');

export const month = (n: number, over: Partial<Checkpoint> = {}): Checkpoint => ({
  year: 2026,
  monthBegun: `2026-${String(n).padStart(2, '0')}-01`,
  closed: false,
  timeZone: 'Asia/Jakarta',
  ...over,
});

/** Someone in service all year, of whom nothing else is known. */
export const facts = (over: Partial<Facts> = {}): Facts => ({
  person: {
    employeeId: PERSON,
    serviceFrom: '2020-03-01',
    leftOn: null,
    employments: [{ agencyId: AGENCY, from: '2020-03-01' }],
  },
  absences: [],
  plans: [],
  realisations: [],
  hours: [],
  serving: [],
  leading: [],
  services: [],
  ...over,
});

export const indicator = (over: Partial<IndicatorFact> = {}): IndicatorFact => ({
  id: 'i1',
  aspect: 'QUANTITY',
  target: '120',
  dueDates: [],
  ...over,
});
export const workResult = (kind: WorkResultFact['kind'], ...indicators: IndicatorFact[]): WorkResultFact => ({
  kind,
  indicators,
});
export const plan = (workResults: readonly WorkResultFact[], over: Partial<PlanFact> = {}): PlanFact => ({
  eventId: randomUUID(),
  occurredAt: at,
  actor: null,
  planId: 'plan',
  version: 1,
  agencyId: AGENCY,
  span: { from: '2026-01-01', to: '2026-12-31' },
  workResults,
  ...over,
});
export const realisation = (
  indicatorId: string,
  quantity: string | number,
  over: Partial<RealisationFact> = {},
): RealisationFact => ({
  eventId: randomUUID(),
  occurredAt: at,
  actor: `employee/${PERSON}`,
  realisationId: randomUUID(),
  indicatorId,
  quantity: String(quantity),
  realisedOn: '2026-01-05',
  replaces: null,
  ...over,
});

/** A ledger on which each record counts in full. */
export const hours = (counted: readonly number[], over: Partial<HoursFact> = {}): HoursFact => ({
  ledgerId: 'ledger',
  version: counted.length,
  counted: String(counted.reduce((total, value) => total + value, 0)),
  entitlement: '20',
  records: counted.map((value, n) => ({
    eventId: `training-${n}`,
    hours: String(value),
    counted: String(value),
    reason: null,
    completedAt: at,
  })),
  ...over,
});

export const serving = (span: Partial<Span> = {}, serviceId = SERVICE): ServingFact => ({
  serviceId,
  span: { from: '2025-01-01', to: OPEN, ...span },
});
export const leading = (over: Partial<LeadingFact> = {}): LeadingFact => ({
  assignmentId: 'assignment',
  employeeId: PERSON,
  unitId: UNIT,
  kind: 'DEFINITIF',
  span: { from: '2025-01-01', to: OPEN },
  recordedAt: at,
  ...over,
});

/** Satisfaction from 1 January to a month's end: n responses whose answers to every element have this sum. */
export const satisfaction = (
  to: string,
  respondents: number,
  sum: number | Partial<Record<Element, number>>,
  over: Partial<SatisfactionFact> = {},
): SatisfactionFact => ({
  eventId: randomUUID(),
  measurementId: randomUUID(),
  unitId: UNIT,
  window: { from: '2026-01-01', to },
  respondents,
  population: null,
  elements: typeof sum === 'number' ? Object.fromEntries(ELEMENTS.map((element) => [element, sum])) : sum,
  supersedes: null,
  occurredAt: new Date(`${to}T17:00:00Z`),
  ...over,
});

export const step = (
  complaintId: string,
  sequence: number,
  name: ComplaintFact['step'],
  on: string,
  over: Partial<ComplaintFact> = {},
): ComplaintFact => ({
  eventId: `${complaintId}-${sequence}`,
  complaintId,
  unitId: UNIT,
  sequence,
  step: name,
  at: new Date(`${on}T03:00:00Z`),
  dueAt: null,
  inTime: null,
  ...over,
});

export const service = (over: Partial<ServiceFacts> = {}) =>
  standingOf({ serviceId: SERVICE, unitId: UNIT, satisfaction: [], complaints: [], ...over }, 'Asia/Jakarta');
