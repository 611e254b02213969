/** Reads of the public that are asked for again while the same is under way: executed once. */
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { registry } from '@merit/chassis/telemetry';
import { getVariableValues } from 'graphql/execution/values.js';
import { Counter } from 'prom-client';
import type { GatewayContext } from './context.js';

/** What Apollo Server documents as `gateway`. */
type Gateway = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type Execute = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;
type Asked = Parameters<Execute>[0];
type Result = Awaited<ReturnType<Execute>>;

const shared = new Counter({
  name: 'merit_gateway_shared_total',
  help: 'Reads of the public that waited for the same read that was under way, instead of being executed',
  registers: [registry],
});

/**
 * A gateway whose identical public reads share one execution: same document, operation and coerced variables, no token.
 * Each is still measured, limited and paid for by itself, and only what went well is shared: whoever waited for an
 * answer with an error asks for itself.
 *
 * After a change has been answered nobody joins a read that began before it, so the public reads what it wrote through
 * this process. What was written through another one may be seen later by as long as a read takes.
 */
export const sharingReads = (gateway: Gateway): Gateway => ({
  onSchemaLoadOrUpdate: (callback) => gateway.onSchemaLoadOrUpdate(callback),
  async load(options) {
    const { executor } = await gateway.load(options);
    return { executor: executor && shareReads(executor) };
  },
  stop: () => gateway.stop(),
});

function shareReads(execute: Execute): Execute {
  const underWay = new Map<string, Promise<Result>>();
  const read = (asked: Asked, key: string): Promise<Result> => {
    const result = execute(asked).finally(() => {
      if (underWay.get(key) === result) underWay.delete(key);
    });
    underWay.set(key, result);
    return result;
  };
  return async (asked) => {
    if (asked.operation.operation === 'mutation') {
      return execute(asked).finally(() => underWay.clear());
    }
    const key = keyOf(asked);
    if (key === null) return execute(asked);
    const before = underWay.get(key);
    if (!before) return { ...(await read(asked, key)) };
    shared.inc();
    const result = await before.catch(() => null);
    if (result === null || result.errors || result.extensions) return execute(asked);
    return { ...result };
  };
}

/** What two reads have in common that may share; null for one that may not. */
function keyOf({ operation, operationName, queryHash, request, context, schema }: Asked): string | null {
  if (!(context as GatewayContext).mayShare || operation.operation !== 'query') return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
  return coerced ? `${queryHash} ${operationName ?? ''} ${JSON.stringify(coerced)}` : null;
}
