import { message } from '@merit/chassis/out/outbox';
import { SatisfactionMeasuredSchema } from '@merit/proto/feedback';
import type { Message } from '../publish.js';
import type { Measurement } from './measurement.js';
import { ELEMENTS } from './satisfaction.js';

/** A measurement → the contract's SatisfactionMeasured. Sums, so that whoever pools them rounds once. */
export function measuredMessage(measurement: Measurement, agencyId: string): Message {
  const { id, serviceId, unitId, year, windowTo, respondents, population, sums, supersedesId, measuredAt } =
    measurement;
  const about = { aggregateType: 'service', aggregateId: serviceId, key: serviceId, agencyId, occurredAt: measuredAt };
  return message(SatisfactionMeasuredSchema, about, {
    measurementId: id,
    serviceId,
    unitId,
    windowFrom: `${year}-01-01`,
    windowTo,
    respondents,
    ...(population === null ? {} : { population }),
    elements: ELEMENTS.map((element) => ({ element, sum: BigInt(sums[element]) })),
    ...(supersedesId === null ? {} : { supersedesId }),
  });
}
