/** A look at what resolvers answer, in tests only. */
import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';

/** How deep an answer is looked into: connection, edges, edge, node, property. */
const DEPTH = 5;

/**
 * Lets no resolver answer with an object that holds a promise. When its field is not asked for, nobody waits for it, and
 * should it fail, that ends the process; a function in its place is called only when asked for. Changes the schema.
 */
export function refuseHeldPromises(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve) field.resolve = looked(field.resolve, `${type.name}.${field.name}`);
    }
  }
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, unknown>;

const looked =
  (resolve: Resolve, coordinate: string): Resolve =>
  (source, args, context, info) => {
    const check = (answer: unknown) => {
      const name = heldPromise(answer, DEPTH);
      if (name === null) return answer;
      throw new Error(`${coordinate} answers with a promise at ${name}: await it, or make it a function.`);
    };
    const answer = resolve(source, args, context, info);
    return isPromise(answer) ? answer.then(check) : check(answer);
  };

/** Also of Node's own, which are no instances of a test's. */
const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** The path of a promise in an object; null when there is none. GraphQL itself waits for those that are items of a list. */
function heldPromise(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null || depth === 0) return null;
  for (const [name, part] of Object.entries(value)) {
    if (isPromise(part)) {
      if (!Array.isArray(value)) return name;
      continue;
    }
    const inside = heldPromise(part, depth - 1);
    if (inside !== null) return `${name}.${inside}`;
  }
  return null;
}
