import { AgreementEndedSchema, AgreementSignedSchema } from '@merit/proto/personnel';
import { type About, type Message, message, optional } from '../publish.js';
import type { AgreementEvent } from './agreement.js';

/** What it is for stays here: nobody else needs it. */
export function toMessage(event: AgreementEvent): Message {
  const { id: agreementId, clientId, agencyId, employeeIds, unitIds, validFrom, validTo } = event.agreement;
  const about: About = { aggregateType: 'agreement', aggregateId: agreementId, agencyId };
  switch (event.type) {
    case 'AgreementSigned':
      return message(AgreementSignedSchema, about, {
        agreementId,
        clientId,
        agencyId,
        employeeIds: [...employeeIds],
        unitIds: [...unitIds],
        validFrom,
        ...optional('validTo', validTo),
      });
    case 'AgreementEnded':
      return message(AgreementEndedSchema, about, { agreementId, clientId, validTo: event.agreement.validTo });
    default:
      return event satisfies never;
  }
}
