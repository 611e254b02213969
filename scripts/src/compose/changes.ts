/** What a change of a contract takes away from its clients. */
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/**
 * Everything that a client of the earlier schema may depend on and that the later one does not keep, a sentence each.
 * A field that the earlier schema had marked `@deprecated` may go.
 */
export function breaksClients(before: string, after: string): string[] {
  const earlier = buildSchema(before);
  const announced = deprecated(earlier);
  return findBreakingChanges(earlier, buildSchema(after))
    .map(({ description }) => description)
    .filter((description) => !description.startsWith('Standard scalar '))
    .filter((description) => !announced.some((name) => description.startsWith(`${name} was removed`)));
}

/** As the sentences name them: `Query.unit`. */
function deprecated(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [];
    return Object.values(type.getFields()).flatMap(({ name, deprecationReason }) =>
      deprecationReason ? [`${type.name}.${name}`] : [],
    );
  });
}
