/** The concepts' resolvers as one. */
import { calendarResolvers } from './calendar/calendar.resolvers.js';
import { complaintMutations } from './complaint/complaint.mutations.resolvers.js';
import { complaintReads } from './complaint/complaint.resolvers.js';
import { satisfactionResolvers } from './satisfaction/satisfaction.resolvers.js';
import { serviceResolvers } from './service/service.resolvers.js';
import { surveyResolvers } from './survey/survey.resolvers.js';

/** @param key from what tokens and secrets are made */
export function resolvers(key: Buffer) {
  const complaints = complaintReads(key);
  const surveys = surveyResolvers(key);
  return {
    Query: { ...serviceResolvers.Query, ...complaints.Query, ...calendarResolvers.Query },
    Mutation: {
      ...serviceResolvers.Mutation,
      ...surveys.Mutation,
      ...complaintMutations(key),
      ...calendarResolvers.Mutation,
    },
    Unit: { ...serviceResolvers.Unit, ...satisfactionResolvers.Unit, ...complaints.Unit },
    PublicService: {
      ...serviceResolvers.PublicService,
      ...satisfactionResolvers.PublicService,
      ...surveys.PublicService,
    },
    Complaint: complaints.Complaint,
    WorkCalendar: calendarResolvers.WorkCalendar,
  };
}
