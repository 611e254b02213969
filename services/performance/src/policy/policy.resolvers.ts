/** Query, mutation and entity of scoring policies: translate and call. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { connection, type Key, type PageArguments, parsePage, seek } from '@merit/chassis/api/page';
import { inOrder } from '@merit/chassis/api/rows';
import { requireId, requireText } from '@merit/chassis/errors';
import { byViewer } from '@merit/chassis/out/outbox';
import { publishPolicy } from './policy.commands.js';
import { COMPONENTS, type Component, type ScoringPolicy, type ScoringRules } from './policy.js';
import { pageOfPolicies, policiesById } from './policy.table.js';

async function batch({ db }: ServiceContext, ids: readonly string[]): Promise<(ScoringPolicy | null)[]> {
  return inOrder(ids, await policiesById(db, ids));
}

export const policyById = (context: ServiceContext, id: string): Promise<ScoringPolicy | null> =>
  load(context, batch, id);

const ORDER: readonly Key[] = [
  { sql: 'p.valid_from', type: 'date' },
  { sql: 'p.id', type: 'uuid' },
];

interface PublishPolicyInput {
  readonly agencyId?: string | null;
  readonly version: string;
  readonly validFrom: string;
  readonly source: string;
  readonly verified: boolean;
  readonly weights?: readonly { readonly component: Component; readonly weight: number }[] | null;
  readonly bands?: ScoringRules['bands'] | null;
  readonly bandNeeds?: ScoringRules['bandNeeds'] | null;
  readonly workResults?: ScoringRules['workResults'] | null;
  readonly satisfaction?: ScoringRules['satisfaction'] | null;
  readonly complaints?: ScoringRules['complaints'] | null;
  readonly idempotencyKey?: string | null;
}

/** What the input says; what it leaves out is not in the answer. A component without a weight weighs nothing. */
function changesFrom({ weights, ...input }: PublishPolicyInput): Partial<ScoringRules> {
  const { bands, bandNeeds, workResults, satisfaction, complaints } = input;
  const given = Object.entries({ bands, bandNeeds, workResults, satisfaction, complaints });
  const weighed = weights && new Map(weights.map(({ component, weight }) => [component, weight]));
  return {
    ...plain(Object.fromEntries(given.filter(([, value]) => value != null))),
    ...(weighed ? { weights: byComponent((component) => weighed.get(component) ?? 0) } : {}),
  };
}

/** GraphQL's inputs have no prototype; the stored figures are plain. */
const plain = (value: object): Partial<ScoringRules> => JSON.parse(JSON.stringify(value)) as Partial<ScoringRules>;

const byComponent = (weightOf: (component: Component) => number): ScoringRules['weights'] =>
  Object.fromEntries(COMPONENTS.map((component) => [component, weightOf(component)])) as ScoringRules['weights'];

export const policyResolvers = {
  Query: {
    scoringPolicy: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      policyById(context, requireId(id, 'id')),
    scoringPolicies: async (
      _: unknown,
      { agencyId, ...args }: PageArguments & { agencyId?: string | null },
      { db }: ServiceContext,
    ) => {
      const page = parsePage(args, { keys: ORDER.length });
      const sql = seek(page, ORDER, { descending: true, firstParameter: 2 });
      const rows = await pageOfPolicies(db, agencyId == null ? null : requireId(agencyId, 'agencyId'), sql);
      return connection(rows, page, ({ validFrom, id }) => [validFrom, id]);
    },
  },
  Mutation: {
    publishPolicy: async (_: unknown, { input }: { input: PublishPolicyInput }, context: ServiceContext) => {
      const command = {
        agencyId: input.agencyId == null ? null : requireId(input.agencyId, 'agencyId'),
        version: requireText(input.version, 'version', { max: 40 }),
        validFrom: input.validFrom,
        source: requireText(input.source, 'source', { max: 1000 }),
        verified: input.verified,
        changes: changesFrom(input),
      };
      const { policyId } = await once(context, 'publishPolicy', input, (tx) =>
        publishPolicy(tx, byViewer(context), command),
      );
      return { policy: await policyById(context, policyId) };
    },
  },
  ScoringPolicy: {
    agency: ({ agencyId }: ScoringPolicy) => agencyId && { id: agencyId },
    weights: ({ rules }: ScoringPolicy) =>
      COMPONENTS.map((component) => ({ component, weight: rules.weights[component], ...rules.guardrails[component] })),
    bands: ({ rules }: ScoringPolicy) => rules.bands,
    bandNeeds: ({ rules }: ScoringPolicy) => rules.bandNeeds,
    workResults: ({ rules }: ScoringPolicy) => rules.workResults,
    satisfaction: ({ rules }: ScoringPolicy) => rules.satisfaction,
    complaints: ({ rules }: ScoringPolicy) => rules.complaints,
  },
};
