/** The concepts' resolvers as one: several concepts answer fields of Query, Mutation and Employee. */
import { mergeResolvers } from '@merit/chassis/api/graph';
import { courseResolvers } from './course/course.resolvers.js';
import { enrolmentResolvers } from './enrolment/enrolment.resolvers.js';
import { learningResolvers } from './hours/learning.resolvers.js';
import { rebuildResolvers } from './hours/rebuild.resolvers.js';
import { sessionResolvers } from './session/session.resolvers.js';
import { trainingImportResolvers } from './training-import/training-import.resolvers.js';

export const resolvers = mergeResolvers([
  courseResolvers,
  sessionResolvers,
  enrolmentResolvers,
  trainingImportResolvers,
  learningResolvers,
  rebuildResolvers,
]);
