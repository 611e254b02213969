/** Plans that are made before anyone asks, so that the first who do need not wait for them. */
import type { ApolloServer } from '@apollo/server';
import { PUBLIC } from '@merit/chassis/api/viewer';
import type { Logger } from '@merit/chassis/log';
import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  typeFromAST,
} from 'graphql';
import type { GatewayContext } from './context.js';

/**
 * Lets a graph parse, validate and plan documents: with the operation's name and without, for clients send either, and
 * each is another plan to the gateway. Variables are made up; no service is asked. A document that cannot be planned is
 * told to the log and keeps nobody from starting.
 */
export async function makePlans(
  apollo: ApolloServer<GatewayContext>,
  schema: GraphQLSchema,
  documents: Iterable<string>,
  log: Logger,
): Promise<void> {
  for (const query of documents) {
    const operation = parse(query).definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)!;
    const declared = operation.variableDefinitions ?? [];
    const variables = Object.fromEntries(
      declared.map(({ variable, type }) => [
        variable.name.value,
        madeUp(typeFromAST(schema, type as never) as GraphQLInputType),
      ]),
    );
    const operationName = operation.name?.value;
    for (const named of operationName === undefined ? [{}] : [{}, { operationName }]) {
      const { body } = await apollo.executeOperation({ query, variables, ...named }, { contextValue: nobody() });
      const errors = body.kind === 'single' ? body.singleResult.errors : undefined;
      if (errors) log.warn({ operation: operationName, err: errors[0] }, 'no plan could be made in advance');
    }
  }
}

const nobody = (): GatewayContext => ({
  requestId: 'plan',
  traceparent: '',
  authorization: null,
  purpose: null,
  viewer: PUBLIC,
  caller: 'plan',
  mayShare: false,
  planOnly: true,
  deadline: Number.POSITIVE_INFINITY,
  outcome: { operation: null, kind: null, codes: [] },
});

const SCALARS: Readonly<Record<string, unknown>> = { Int: 1, Float: 1, Boolean: true };

/** A value that the type takes: as little as it needs. The gateway reads no scalar of ours, so a text will do for them. */
function madeUp(type: GraphQLInputType): unknown {
  if (!isNonNullType(type)) return null;
  const inner = type.ofType;
  if (isListType(inner)) return [];
  if (isEnumType(inner)) return inner.getValues()[0]!.name;
  if (!isInputObjectType(inner)) return SCALARS[inner.name] ?? 'none';
  return Object.fromEntries(Object.values(inner.getFields()).map((field) => [field.name, madeUp(field.type)]));
}
