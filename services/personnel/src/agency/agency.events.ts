import { AgencyRegisteredSchema } from '@merit/proto/personnel';
import { type Message, message } from '../publish.js';
import type { AgencyEvent } from './agency.js';

export const toMessage = ({ agency: { id, name, timeZone } }: AgencyEvent): Message =>
  message(
    AgencyRegisteredSchema,
    { aggregateType: 'agency', aggregateId: id, agencyId: id },
    { agencyId: id, name, timeZone },
  );
