import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { message } from '@merit/chassis/out/outbox';
import {
  ComplaintClass,
  ComplaintDeadlinePassedSchema,
  ComplaintForwardedSchema,
  ComplaintPublishedSchema,
  ComplaintReceivedSchema,
  ComplaintRejectedSchema,
  ComplaintReopenedSchema,
  ComplaintResolvedSchema,
} from '@merit/proto/feedback';
import type { Message } from '../publish.js';
import type { ComplaintEvent } from './complaint.js';

/** The domain's word for what happened → the contract's. No text, no reporter, nobody who is named. */
export function complaintMessage(event: ComplaintEvent): Message {
  const { complaint, at } = event;
  const { id, serviceId, unitId, agencyId } = complaint;
  const about = { aggregateType: 'complaint', aggregateId: id, key: serviceId, agencyId, occurredAt: at };
  const who = { complaintId: id, serviceId, unitId };
  const moment = timestampFromDate(at);
  switch (event.type) {
    case 'ComplaintReceived':
      return message(ComplaintReceivedSchema, about, { ...who, receivedAt: moment });
    case 'ComplaintForwarded': {
      const { clock, class: given } = event.complaint;
      const dueAt = timestampFromDate(clock.dueAt);
      return message(ComplaintForwardedSchema, about, {
        ...who,
        class: ComplaintClass[given],
        forwardedAt: moment,
        dueAt,
      });
    }
    case 'ComplaintResolved': {
      const { handlerId, inTime, clock } = event.complaint;
      const dueAt = timestampFromDate(clock.dueAt);
      const workingMinutes = BigInt(clock.usedMinutes);
      return message(ComplaintResolvedSchema, about, {
        ...who,
        handlerId,
        resolvedAt: moment,
        dueAt,
        workingMinutes,
        inTime,
      });
    }
    case 'ComplaintReopened': {
      const dueAt = timestampFromDate(event.complaint.clock.dueAt);
      return message(ComplaintReopenedSchema, about, { ...who, reopenedAt: moment, dueAt });
    }
    case 'ComplaintDeadlinePassed':
      return message(ComplaintDeadlinePassedSchema, about, { ...who, dueAt: moment });
    case 'ComplaintRejected':
      return message(ComplaintRejectedSchema, about, { ...who, rejectedAt: moment });
    case 'ComplaintPublished':
      return message(ComplaintPublishedSchema, about, { ...who, publishedAt: moment });
    default:
      return event satisfies never;
  }
}
