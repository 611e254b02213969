/** Every resolver of this service, by concept. */

import { load, type ServiceContext } from '@merit/chassis/api/context';
import { mergeResolvers } from '@merit/chassis/api/graph';
import { isId } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import { periodResolvers } from './period/period.resolvers.js';
import { planResolvers } from './plan/plan.resolvers.js';
import { policyResolvers } from './policy/policy.resolvers.js';
import { realisationResolvers } from './realisation/realisation.resolvers.js';
import { scoreResolvers } from './score/score.resolvers.js';

/** Which of these employees are known here. */
async function known({ db }: ServiceContext, ids: readonly string[]): Promise<boolean[]> {
  const rows: { id: string }[] = await prepared(db, 'select id from directory_employee where id = any($1)', [ids]);
  const found = new Set(rows.map(({ id }) => id));
  return ids.map((id) => found.has(id));
}

const employeeResolvers = {
  Employee: {
    __resolveReference: async ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) && (await load(context, known, id)) ? { id } : null,
  },
};

export const resolvers = mergeResolvers([
  employeeResolvers,
  periodResolvers,
  policyResolvers,
  planResolvers,
  realisationResolvers,
  scoreResolvers,
]);
