/** The concepts' resolvers as one. */
import { mergeResolvers } from '@merit/chassis/api/graph';
import { calendarResolvers } from './calendar/calendar.resolvers.js';
import { complaintMutations } from './complaint/complaint.mutations.resolvers.js';
import { complaintReads } from './complaint/complaint.resolvers.js';
import { satisfactionResolvers } from './satisfaction/satisfaction.resolvers.js';
import { serviceResolvers } from './service/service.resolvers.js';
import { surveyResolvers } from './survey/survey.resolvers.js';

/** @param key from what tokens and secrets are made */
export const resolvers = (key: Buffer) =>
  mergeResolvers([
    serviceResolvers,
    satisfactionResolvers,
    surveyResolvers(key),
    complaintReads(key),
    { Mutation: complaintMutations(key) },
    calendarResolvers,
  ]);
