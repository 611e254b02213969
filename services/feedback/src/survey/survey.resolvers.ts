/** Surveys in the graph: translate and call. */
import { forget, load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { requireId } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { demand } from '@merit/directory/access';
import { requireYear } from '../calendar/calendar.js';
import { lastMonthBefore } from '../satisfaction/measurement.js';
import { sampleFor } from '../satisfaction/sample.js';
import { figuresOn, SATISFACTION_FIGURES } from '../satisfaction/satisfaction.figures.js';
import { tokensOf } from '../secret.js';
import type { PublicService } from '../service/service.js';
import { serviceById } from '../service/service.resolvers.js';
import { requireService, zonesOf } from '../service/service.table.js';
import {
  type AnswersInput,
  answerSurvey,
  issuePaperBatch,
  issueSurveyTokens,
  type PeopleServed,
  recordPeopleServed,
} from './survey.commands.js';
import { type FormRow, importSurveyResponses } from './survey.import.commands.js';
import { surveyCounts } from './survey.table.js';

type Input<T> = { readonly input: T & { readonly idempotencyKey?: string | null } };
type OfService = { readonly serviceId: string };

/** The service, if the viewer runs its survey. @throws SERVICE_NOT_FOUND, FORBIDDEN */
async function ownService(context: ServiceContext, { serviceId }: OfService): Promise<PublicService> {
  const service = await requireService(context, requireId(serviceId, 'serviceId'));
  await demand(context, ['HR', 'OFFICER'], { unit: service.unitId });
  return service;
}

async function survey(service: PublicService, { year }: { year: number }, context: ServiceContext) {
  requireYear(year);
  const today = localDateAt(context.now(), await load(context, zonesOf, service.agencyId));
  const lastMonth = lastMonthBefore(today);
  const counts = await load(context, surveyCounts, { serviceId: service.id, year, lastMonth });
  const figures = figuresOn(SATISFACTION_FIGURES, `${year}-12-31`);
  return { year, ...counts, sample: counts.population === null ? null : sampleFor(counts.population, figures) };
}

export const surveyResolvers = (key: Buffer) => ({
  PublicService: { survey },
  Mutation: {
    issueSurveyTokens: async (_: unknown, { input }: Input<OfService & { count: number }>, context: ServiceContext) => {
      const service = await ownService(context, input);
      const { batchId, count } = await once(context, 'issueSurveyTokens', input, (tx) =>
        issueSurveyTokens(tx, context, { key, service, count: input.count }),
      );
      return { tokens: tokensOf(key, batchId, count) };
    },
    issuePaperBatch: async (
      _: unknown,
      { input }: Input<OfService & { count: number; issuedOn?: string | null }>,
      context: ServiceContext,
    ) => {
      const service = await ownService(context, input);
      return once(context, 'issuePaperBatch', input, (tx) => issuePaperBatch(tx, context, { ...input, service }));
    },
    answerSurvey: async (
      _: unknown,
      { input }: Input<{ token: string; answers: AnswersInput }>,
      context: ServiceContext,
    ) => {
      // Whoever it is, signed in or not, answers as one of the public: the idempotency key's row names nobody.
      const nobody = { ...context, viewer: PUBLIC };
      const { serviceId } = await once(nobody, 'answerSurvey', input, (tx) => answerSurvey(tx, nobody, input));
      forget(context);
      return { service: await serviceById(context, serviceId) };
    },
    importSurveyResponses: async (
      _: unknown,
      { input }: Input<OfService & { rows: readonly FormRow[]; validateOnly: boolean }>,
      context: ServiceContext,
    ) => {
      const service = await ownService(context, input);
      const { rows, validateOnly } = input;
      return once(context, 'importSurveyResponses', input, (tx) =>
        importSurveyResponses(tx, context, { service, rows, validateOnly }),
      );
    },
    recordPeopleServed: async (_: unknown, { input }: Input<OfService & PeopleServed>, context: ServiceContext) => {
      const service = await ownService(context, input);
      await once(context, 'recordPeopleServed', input, (tx) => recordPeopleServed(tx, context, service, input));
      return { service: await serviceById(context, service.id) };
    },
  },
});
