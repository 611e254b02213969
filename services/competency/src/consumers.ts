/** Every event that this service takes in, and what it is for. */
import type { Subscription } from '@merit/chassis/in/consumer';
import { requestsSubscription } from '@merit/chassis/in/requests';
import { directorySubscription } from '@merit/directory/directory';
import { CheckpointReachedSchema } from '@merit/proto/performance';
import {
  EmployeeCorrectedSchema,
  EmployeeLeftSchema,
  EmployeeRegisteredSchema,
  EmployeeTransferredSchema,
} from '@merit/proto/personnel';
import { type Here, openYears, recountPeople } from './hours/ledger.consumer.js';

/** The directory comes first: the others read who is known. */
export const subscriptions = (here: Here): Subscription[] => [
  directorySubscription,
  {
    topic: 'merit.personnel.v1',
    types: [
      EmployeeRegisteredSchema.typeName,
      EmployeeCorrectedSchema.typeName,
      EmployeeTransferredSchema.typeName,
      EmployeeLeftSchema.typeName,
    ],
    handle: recountPeople(here),
  },
  { topic: 'merit.performance.v1', types: [CheckpointReachedSchema.typeName], handle: openYears },
  requestsSubscription({ source: '/merit/competency' }),
];
