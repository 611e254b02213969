/** What the public says enters the scores of those who serve. */
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { DomainError } from '@merit/chassis/errors';
import { decode, type Lost, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { idsOf } from '@merit/chassis/in/readmodel';
import { isLocalDate } from '@merit/chassis/local-date';
import {
  ComplaintDeadlinePassedSchema,
  ComplaintForwardedSchema,
  ComplaintRejectedSchema,
  ComplaintReopenedSchema,
  ComplaintResolvedSchema,
  SatisfactionMeasuredSchema,
  ServiceRegisteredSchema,
} from '@merit/proto/feedback';
import type { EntityManager } from 'typeorm';
import { saveServices } from '../membership/membership.table.js';
import { ELEMENTS, type Element } from '../policy/policy.js';
import { mark } from './backlog.table.js';
import type { ComplaintFact } from './facts.js';
import {
  insertServiceFacts,
  periodYears,
  recordsOf,
  removeRecords,
  type StoredServiceFact,
  yearsOfRecords,
} from './service-fact.table.js';

type Reader = (event: ReceivedEvent) => StoredServiceFact;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [SatisfactionMeasuredSchema.typeName, satisfactionFact],
  [
    ComplaintForwardedSchema.typeName,
    (event) => {
      const m = decode(ComplaintForwardedSchema, event);
      return complaintFact(event, m, { step: 'FORWARDED', at: m.forwardedAt, dueAt: m.dueAt });
    },
  ],
  [
    ComplaintResolvedSchema.typeName,
    (event) => {
      const m = decode(ComplaintResolvedSchema, event);
      return complaintFact(event, m, { step: 'RESOLVED', at: m.resolvedAt, dueAt: m.dueAt, inTime: m.inTime });
    },
  ],
  [
    ComplaintReopenedSchema.typeName,
    (event) => {
      const m = decode(ComplaintReopenedSchema, event);
      return complaintFact(event, m, { step: 'REOPENED', at: m.reopenedAt, dueAt: m.dueAt });
    },
  ],
  [
    ComplaintDeadlinePassedSchema.typeName,
    (event) => {
      const m = decode(ComplaintDeadlinePassedSchema, event);
      return complaintFact(event, m, { step: 'DEADLINE_PASSED', at: m.dueAt, dueAt: m.dueAt });
    },
  ],
  [
    ComplaintRejectedSchema.typeName,
    (event) => {
      const m = decode(ComplaintRejectedSchema, event);
      return complaintFact(event, m, { step: 'REJECTED', at: m.rejectedAt });
    },
  ],
]);

export const feedbackTypes: readonly string[] = [ServiceRegisteredSchema.typeName, ...READERS.keys()];

/**
 * Stores what is known of services, once whoever serves them, and leaves it to the backlog to compute the scores: a
 * service may concern thousands. Five statements.
 */
export async function takeFeedback(tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void> {
  const services = events
    .filter(({ type }) => type === ServiceRegisteredSchema.typeName)
    .map((event) => ({ event, ...decode(ServiceRegisteredSchema, event) }));
  const facts = numbered(events).flatMap((event) => {
    const fact = READERS.get(event.type)?.(event);
    return fact ? [{ event, ...fact }] : [];
  });
  await saveServices(
    tx,
    services.map(({ serviceId: id, unitId }) => ({ id, unitId })),
  );
  await insertServiceFacts(tx, facts);
  const years = await yearsOfRecords(
    tx,
    facts.map(({ recordId }) => recordId),
  );
  // A head answers for a service of which nothing else is known, in any year.
  const known = services.length > 0 ? await periodYears(tx) : [];
  const all = services.flatMap(({ serviceId }) => known.map((year) => ({ serviceId, year })));
  const traces = new Map([...services, ...facts].map(({ serviceId, event }) => [serviceId, event.traceparent]));
  await mark(
    tx,
    [...years, ...all].map(({ serviceId, year }) => ({
      scope: 'SERVICE',
      scopeId: serviceId,
      year,
      traceparent: traces.get(serviceId) ?? null,
    })),
  );
}

/** Takes back measurements and complaints that feedback lost in a restore, and leaves the scores to the backlog. */
export async function takeBackFeedback(tx: EntityManager, lost: readonly Lost[]): Promise<void> {
  const aggregates = lost.map(({ aggregate }) => aggregate);
  const measured = await recordsOf(tx, idsOf('service', aggregates));
  const records = [...measured, ...idsOf('complaint', aggregates)];
  const years = await yearsOfRecords(tx, records);
  await removeRecords(tx, records);
  await mark(
    tx,
    years.map(({ serviceId, year }) => ({ scope: 'SERVICE', scopeId: serviceId, year, traceparent: null })),
  );
}

/**
 * The steps of a complaint are followed by their numbers. A snapshot has all of them, in order, under the number of the
 * last: they get back their own.
 */
function numbered(events: readonly ReceivedEvent[]): ReceivedEvent[] {
  const behind = new Map<string, number>();
  return events
    .toReversed()
    .map((event) => {
      if (event.snapshot === null) return event;
      const after = behind.get(event.aggregate) ?? 0;
      behind.set(event.aggregate, after + 1);
      return { ...event, sequence: event.sequence - after };
    })
    .reverse();
}

function satisfactionFact(event: ReceivedEvent): StoredServiceFact {
  const m = decode(SatisfactionMeasuredSchema, event);
  if (!isLocalDate(m.windowFrom) || !isLocalDate(m.windowTo)) throw unreadable(event, 'its window has no dates');
  const elements = m.elements.map(({ element, sum }): [Element, number] => {
    if (!isElement(element)) throw unreadable(event, `${element.slice(0, 40)} is no element`);
    return [element, Number(sum)];
  });
  // Well within the year of the window: whatever the zone, it is no other's.
  const year = new Date(`${m.windowFrom.slice(0, 4)}-07-01`);
  return {
    id: event.id,
    serviceId: m.serviceId,
    unitId: m.unitId,
    kind: 'SATISFACTION',
    recordId: m.measurementId,
    sequence: event.sequence,
    earliest: year,
    latest: year,
    occurredAt: event.occurredAt,
    data: {
      window: { from: m.windowFrom, to: m.windowTo },
      respondents: m.respondents,
      population: m.population ?? null,
      elements: Object.fromEntries(elements),
      supersedes: m.supersedesId ?? null,
    },
  };
}

const isElement = (code: string): code is Element => (ELEMENTS as readonly string[]).includes(code);

interface Complaint {
  readonly complaintId: string;
  readonly serviceId: string;
  readonly unitId: string;
}
interface Step {
  readonly step: ComplaintFact['step'];
  readonly at: Timestamp | undefined;
  readonly dueAt?: Timestamp | undefined;
  readonly inTime?: boolean;
}

function complaintFact(
  event: ReceivedEvent,
  complaint: Complaint,
  { step, at, dueAt, inTime }: Step,
): StoredServiceFact {
  if (!at) throw unreadable(event, 'it does not say when');
  const times = [at, dueAt ?? at].map((time) => timestampDate(time).getTime());
  return {
    id: event.id,
    serviceId: complaint.serviceId,
    unitId: complaint.unitId,
    kind: 'COMPLAINT',
    recordId: complaint.complaintId,
    sequence: event.sequence,
    earliest: new Date(Math.min(...times)),
    latest: new Date(Math.max(...times)),
    occurredAt: timestampDate(at),
    data: { step, dueAt: dueAt ? timestampDate(dueAt) : null, inTime: inTime ?? null },
  };
}

/** Parks the event's key: a fold is total only over facts that make sense. */
const unreadable = ({ type }: ReceivedEvent, why: string): DomainError =>
  new DomainError('EVENT_UNREADABLE', `This ${type} cannot be read: ${why}.`, { type });
