/** Every resolver of this service, by concept. */
import { load, type ServiceContext } from '@merit/chassis/context';
import { isId } from '@merit/chassis/errors';
import type { Resolvers } from '@merit/chassis/graph';
import { periodResolvers } from './period/period.resolvers.js';
import { planResolvers } from './plan/plan.resolvers.js';
import { policyResolvers } from './policy/policy.resolvers.js';
import { realisationResolvers } from './realisation/realisation.resolvers.js';
import { scoreResolvers } from './score/score.resolvers.js';

/** Which of these employees are known here. */
async function known({ db }: ServiceContext, ids: readonly string[]): Promise<boolean[]> {
  const rows: { id: string }[] = await db.query('select id from directory_employee where id = any($1)', [ids]);
  const found = new Set(rows.map(({ id }) => id));
  return ids.map((id) => found.has(id));
}

export const resolvers: Resolvers = {
  Query: { ...periodResolvers.Query, ...policyResolvers.Query },
  Mutation: {
    ...periodResolvers.Mutation,
    ...policyResolvers.Mutation,
    ...planResolvers.Mutation,
    ...realisationResolvers.Mutation,
    ...scoreResolvers.Mutation,
  },
  Employee: {
    __resolveReference: async ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) && (await load(context, known, id)) ? { id } : null,
    ...planResolvers.Employee,
    ...scoreResolvers.Employee,
  },
  PerformancePeriod: periodResolvers.PerformancePeriod,
  ScoringPolicy: policyResolvers.ScoringPolicy,
  PerformancePlan: planResolvers.PerformancePlan,
  Indicator: { ...planResolvers.Indicator, ...realisationResolvers.Indicator },
  IndicatorRevision: planResolvers.IndicatorRevision,
  Realisation: realisationResolvers.Realisation,
  Score: scoreResolvers.Score,
  ScorePart: scoreResolvers.ScorePart,
  ScoreSource: scoreResolvers.ScoreSource,
};
