/** Every contract of the house in one registry, for whoever meets a message and knows nothing but the name of its type. */
import { createRegistry, type Registry } from '@bufbuild/protobuf';
import { file_merit_access_v1_events } from './gen/merit/access/v1/events_pb.js';
import { file_merit_competency_v1_events } from './gen/merit/competency/v1/events_pb.js';
import { file_merit_events_v1_events } from './gen/merit/events/v1/events_pb.js';
import { file_merit_feedback_v1_events } from './gen/merit/feedback/v1/events_pb.js';
import { file_merit_performance_v1_events } from './gen/merit/performance/v1/events_pb.js';
import { file_merit_personnel_v1_events } from './gen/merit/personnel/v1/events_pb.js';

export const contracts: Registry = createRegistry(
  file_merit_access_v1_events,
  file_merit_competency_v1_events,
  file_merit_events_v1_events,
  file_merit_feedback_v1_events,
  file_merit_performance_v1_events,
  file_merit_personnel_v1_events,
);
