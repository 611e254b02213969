import { message } from '@merit/chassis/out/outbox';
import { CalendarPublishedSchema } from '@merit/proto/feedback';
import type { Message } from '../publish.js';
import type { CalendarEvent } from './calendar.js';

/** The domain's word for what happened → the contract's. */
export function calendarMessage({ calendar }: CalendarEvent, occurredAt: Date): Message {
  const { id, agencyId, year, holidays } = calendar;
  const about = { aggregateType: 'calendar', aggregateId: id, key: id, agencyId: agencyId ?? undefined, occurredAt };
  return message(CalendarPublishedSchema, about, {
    calendarId: id,
    ...(agencyId === null ? {} : { agencyId }),
    year,
    holidays: holidays.map(({ date }) => date),
  });
}
