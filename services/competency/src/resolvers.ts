/** The concepts' resolvers as one: several concepts answer fields of Query, Mutation and Employee. */
import { courseResolvers } from './course/course.resolvers.js';
import { enrolmentResolvers } from './enrolment/enrolment.resolvers.js';
import { learningResolvers } from './hours/learning.resolvers.js';
import { sessionResolvers } from './session/session.resolvers.js';
import { trainingImportResolvers } from './training-import/training-import.resolvers.js';

const concepts: readonly Record<string, Record<string, unknown>>[] = [
  courseResolvers,
  sessionResolvers,
  enrolmentResolvers,
  trainingImportResolvers,
  learningResolvers,
];

const types = [...new Set(concepts.flatMap((concept) => Object.keys(concept)))];

export const resolvers: Record<string, Record<string, unknown>> = Object.fromEntries(
  types.map((type) => [type, Object.assign({}, ...concepts.map((concept) => concept[type]))]),
);
