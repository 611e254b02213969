import { buildGraph } from '@merit/chassis/api/graph';
import { enforceAccess } from '@merit/directory/access';
import { type GraphQLNamedType, isEnumType, isInputObjectType, isObjectType } from 'graphql';
import { resolvers } from '../src/resolvers.js';
import { typeDefs } from './story.js';

const schema = buildGraph({ typeDefs, resolvers, protect: enforceAccess });
const ours = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('_') && !name.includes('__'));

/** A type's parts, each with its coordinate. */
function partsOf(type: GraphQLNamedType): [string, string | null | undefined][] {
  const part = (name: string, description: string | null | undefined): [string, typeof description] => [
    `${type.name}.${name}`,
    description,
  ];
  if (isEnumType(type)) return type.getValues().map(({ name, description }) => part(name, description));
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) => part(field.name, field.description));
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields())
    .filter(({ name }) => !name.startsWith('_'))
    .flatMap((field) => [
      part(field.name, field.description),
      ...field.args.map((arg) => part(`${field.name}(${arg.name})`, arg.description)),
    ]);
}

test('every type, field, argument and value says what it is', () => {
  const types = ours
    .filter((type) => type !== schema.getQueryType() && type !== schema.getMutationType())
    .map(({ name, description }): [string, string | null | undefined] => [name, description]);
  const all = [...types, ...ours.flatMap(partsOf)];
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter(([, description]) => !description?.trim()).map(([name]) => name)).toEqual([]);
});
