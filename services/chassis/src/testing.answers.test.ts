import { buildSchema, type GraphQLFieldResolver, graphql } from 'graphql';
import { refuseHeldPromises } from './testing.answers.js';

const one = async () => 1;
const resolvers: Record<string, GraphQLFieldResolver<unknown, unknown>> = {
  held: () => ({ id: 1, other: one() }),
  heldLater: async () => ({ id: 1, other: one() }),
  heldDeep: () => ({ id: 1, edges: [{ node: { other: one() } }] }),
  listed: () => [one().then((id) => ({ id }))],
  asked: () => ({ id: 1, other: one }),
};

/** What the graph answers to `id` of a field, when its `other` is not asked for. */
async function ask(field: string) {
  const schema = buildSchema(`
    type Query { held: Thing heldLater: Thing heldDeep: Thing listed: [Thing] asked: Thing }
    type Thing { id: Int other: Int }`);
  for (const [name, resolve] of Object.entries(resolvers)) schema.getQueryType()!.getFields()[name]!.resolve = resolve;
  const { data, errors } = await graphql({ schema: refuseHeldPromises(schema), source: `{ ${field} { id } }` });
  return errors ? errors.map(({ message }) => message) : data?.[field];
}

test.each([
  ['held', 'other'],
  ['heldLater', 'other'],
  ['heldDeep', 'edges.0.node.other'],
])('an answer that holds a promise is refused: %s', async (field, path) => {
  expect(await ask(field)).toEqual([
    `Query.${field} answers with a promise at ${path}: await it, or make it a function.`,
  ]);
});

test('a list of promises and a function are not', async () => {
  expect(await ask('listed')).toEqual([{ id: 1 }]);
  expect(await ask('asked')).toEqual({ id: 1 });
});
