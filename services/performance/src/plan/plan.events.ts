/** What happens to plans: in the contract's words for others, and as facts for the scores. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type About, message, type OutboxEvent } from '@merit/chassis/out/outbox';
import { PlanAgreedSchema, PlanRevisedSchema } from '@merit/proto/performance';
import type { PersonFact } from '../score/fact.table.js';
import type { Aspect, PlanEvent } from './plan.js';

/** The domain's word for what happened → the contract's. Targets and titles stay here. */
export function planMessage(event: PlanEvent, id: string): OutboxEvent {
  const { id: planId, employeeId, periodId, agencyId } = event.plan;
  const about: Omit<About, 'occurredAt'> = {
    id,
    aggregateType: 'plan',
    aggregateId: planId,
    key: employeeId,
    agencyId,
  };
  switch (event.type) {
    case 'PlanAgreed': {
      const { agreedBy, agreedAt } = event.plan;
      return message(
        PlanAgreedSchema,
        { ...about, occurredAt: agreedAt },
        {
          planId,
          employeeId,
          periodId,
          agreedAt: timestampFromDate(agreedAt),
          ...(agreedBy ? { agreedBy } : {}),
        },
      );
    }
    case 'PlanRevised':
      return message(
        PlanRevisedSchema,
        { ...about, occurredAt: event.revisedAt },
        {
          planId,
          employeeId,
          revisedAt: timestampFromDate(event.revisedAt),
        },
      );
    default:
      return event satisfies never;
  }
}

/** The plan in full, as of this version: what W is folded from. */
export function planFact({ plan, ...event }: PlanEvent, id: string, actor: string | null): PersonFact {
  const { id: recordId, employeeId, year, version, agencyId, span } = plan;
  return {
    id,
    year,
    employeeId,
    kind: 'PLAN',
    recordId,
    version,
    actor,
    occurredAt: event.type === 'PlanRevised' ? event.revisedAt : plan.agreedAt,
    data: {
      agencyId,
      span,
      workResults: plan.workResults.map(({ kind, indicators }) => ({
        kind,
        // An agreed plan is complete.
        indicators: indicators.map((i) => ({
          id: i.id,
          aspect: i.aspect as Aspect,
          target: i.target ?? '0',
          dueDates: i.dueDates,
        })),
      })),
    },
  };
}
