/** Fields and mutation of scores: translate and call. */

import { load, remembered, type ServiceContext } from '@merit/chassis/api/context';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { asOf } from '@merit/chassis/in/consumer';
import { type AnewInput, anew } from '@merit/chassis/operations/anew';
import { byViewer } from '@merit/chassis/out/outbox';
import { actorFrom } from '../actor.js';
import { policyById } from '../policy/policy.resolvers.js';
import { rebuildScores } from './backlog.commands.js';
import { waitingSince } from './backlog.table.js';
import type { Key } from './fact.table.js';
import type { Source } from './facts.js';
import type { Part } from './fold.js';
import type { Changed } from './score.commands.js';
import { currentScores, pagesOfVersions, type ScoreView } from './score.table.js';

async function batch({ db }: ServiceContext, keys: readonly Key[]): Promise<(ScoreView | null)[]> {
  const scores = await currentScores(db, keys);
  return keys.map(({ employeeId, year }) => scores.find((s) => s.employeeId === employeeId && s.year === year) ?? null);
}

/** Everything that happened before is in the scores: what has been read of others' events, and has been worked off. */
async function freshness({ db }: ServiceContext): Promise<Date> {
  const [read, waiting] = [await asOf(db), await waitingSince(db)];
  return waiting && waiting < read ? waiting : read;
}

const histories = ({ db }: ServiceContext, keys: Parameters<typeof pagesOfVersions>[1]) => pagesOfVersions(db, keys);

const ACTIONS = { shows: 'showScoreDifferences', replaces: 'rebuildScores' };

export const scoreResolvers = {
  Mutation: {
    rebuildScores: (_: unknown, { input }: { input: AnewInput }, context: ServiceContext) =>
      anew(context, input, ACTIONS, (what) => rebuildScores(context.db, byViewer(context), what)),
  },
  ScoreDifference: {
    live: ({ before }: Changed) => (before === null ? null : Number(before)),
    anew: ({ after }: Changed) => (after === null ? null : Number(after)),
  },
  Employee: {
    score: ({ id: employeeId }: { id: string }, { year }: { year: number }, context: ServiceContext) =>
      load(context, batch, { employeeId, year }),
  },
  Score: {
    value: ({ value }: ScoreView) => Number(value),
    coverage: ({ coverage }: ScoreView) => Number(coverage),
    /** Of a past value, the moment from which it held. */
    asOf: (score: ScoreView, _: unknown, context: ServiceContext) =>
      score.current ? remembered(context, freshness, () => freshness(context)) : score.changedAt,
    policy: ({ policyId }: ScoreView, _: unknown, context: ServiceContext) => policyById(context, policyId),
    history: async ({ scoreId, year }: ScoreView, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 1 });
      const rows = await load(context, histories, { parent: scoreId, year, page });
      return connection(rows, page, ({ version }) => [version]);
    },
  },
  ScorePart: {
    weight: ({ weight }: Part) => Number(weight),
    attainment: ({ attainment }: Part) => (attainment === null ? null : Number(attainment)),
    contribution: ({ contribution }: Part) => Number(contribution),
  },
  ScoreSource: {
    quantity: ({ quantity }: Source) => Number(quantity),
    counted: ({ counted }: Source) => Number(counted),
    occurredAt: ({ occurredAt }: Source) => (occurredAt === null ? null : new Date(occurredAt)),
    actor: ({ actor }: Source) => actorFrom(actor),
  },
};
