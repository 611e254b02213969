/** What one operation may cost, and one caller in a while. */
import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import { registry } from '@merit/chassis/telemetry';
import { type FragmentDefinitionNode, GraphQLError, Kind } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { Counter } from 'prom-client';
import { type Spend, tooMuch } from './account.js';
import type { GatewayContext } from './context.js';
import type { Contract } from './contracts.js';
import { type Measure, measure } from './measure.js';
import { readingCost } from './reading.js';

/** The most that one operation may have, and what a caller may spend a minute, in units of cost. */
export type Limits = Measure & {
  /** The largest request, in bytes. */
  readonly bodyBytes: number;
  /** Words and signs of the document. */
  readonly tokens: number;
  readonly costPerMinute: number;
};

const STAFF: Limits = {
  bodyBytes: 1024 * 1024,
  tokens: 5_000,
  depth: 12,
  aliases: 30,
  rootFields: 20,
  directives: 5,
  cost: 10_000,
  costPerMinute: 600_000,
};

/** By contract. What anyone at all may send is a tenth of what signed-in people may. */
export const LIMITS = {
  staff: STAFF,
  partner: STAFF,
  public: {
    bodyBytes: 100 * 1024,
    tokens: 1_000,
    depth: 8,
    aliases: 15,
    rootFields: 5,
    directives: 5,
    cost: 1_000,
    costPerMinute: 60_000,
  },
} as const satisfies Record<string, Limits>;

const MEASURED = ['depth', 'aliases', 'rootFields', 'directives', 'cost'] as const;

/** The first limit that a measure is over, with what it is and what it may be; null within all. */
export function overLimit(found: Measure, limits: Measure): { limit: string; found: number; most: number } | null {
  const limit = MEASURED.find((name) => found[name] > limits[name]);
  return limit ? { limit, found: found[limit], most: limits[limit] } : null;
}

export const refused = new Counter({
  name: 'merit_gateway_limited_total',
  help: 'Operations that were refused for what they cost, by the limit; rate is that of a caller in a minute',
  labelNames: ['contract', 'limit'],
  registers: [registry],
});

/** A document that does not even hold costs this much, beside what it cost to read it. */
const INVALID_COST = 20;

/**
 * Measures each operation before it is done, refuses the too large, and takes its cost from the caller's account, less
 * what was paid for reading it. Answers carry what is left (`RateLimit`, `RateLimit-Policy`).
 */
export function limitsPlugin(
  { name: contract, limits }: Pick<Contract, 'name' | 'limits'>,
  account: Spend,
): ApolloServerPlugin<GatewayContext> {
  const spend = async ({ contextValue, response }: GraphQLRequestContext<GatewayContext>, cost: number) => {
    const { headers, wait } = await account(contextValue.caller, cost);
    for (const [name, value] of Object.entries(headers)) response.http.headers.set(name, value);
    return wait;
  };

  return {
    async requestDidStart() {
      return {
        async didEncounterErrors(context) {
          // What failed before it was measured has paid nothing yet.
          if (!context.operation) await spend(context, INVALID_COST);
        },
        async didResolveOperation(context) {
          const found = measured(context);
          if (!found) return; // its variables are refused when it is executed
          const over = overLimit(found, limits);
          const paid = readingCost(context.source?.length ?? 0, limits.cost);
          const wait = await spend(context, over ? INVALID_COST : Math.max(0, found.cost - paid));
          if (over) {
            refused.inc({ contract, limit: over.limit });
            throw new GraphQLError(
              `${WORDS[over.limit]} (${over.found}; ${over.most} at most). Ask for less at once.`,
              {
                extensions: { code: 'QUERY_TOO_LARGE', params: over, http: { status: 400 } },
              },
            );
          }
          if (wait === null) return;
          refused.inc({ contract, limit: 'rate' });
          context.response.http.headers.set('retry-after', String(wait));
          throw new GraphQLError(tooMuch(wait), {
            extensions: { code: 'RATE_LIMITED', params: { retryAfterSeconds: wait }, http: { status: 429 } },
          });
        },
      };
    },
  };
}

const WORDS: Readonly<Record<string, string>> = {
  depth: 'The query is nested too deeply',
  aliases: 'The query has too many aliases',
  rootFields: 'The operation has too many fields of its own',
  directives: 'There are too many directives at one place',
  cost: 'The query may give too much',
};

/** Null where the variables do not fit: execution says so, and executes nothing. */
function measured({ schema, document, operation, request }: GraphQLRequestContext<GatewayContext>): Measure | null {
  if (!document || !operation) return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
  if (!coerced) return null;
  const fragments = document.definitions.filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  return measure({
    schema,
    operation,
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
    variables: coerced,
  });
}
