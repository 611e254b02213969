import { readFileSync } from 'node:fs';
import { buildGraph } from '@merit/chassis/graph';
import { enforceAccess } from '@merit/directory/access';
import { parse, visit } from 'graphql';
import { resolvers } from '../src/resolvers.js';
import { key } from './town.js';

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');

test('every field of the schema has a rule that can be judged, and every resolver a field', () => {
  expect(() => buildGraph({ typeDefs, resolvers: resolvers(key), protect: enforceAccess })).not.toThrow();
});

test('everything in the schema is described', () => {
  const bare: string[] = [];
  const look = (node: { name: { value: string }; description?: unknown }) => {
    if (!node.description) bare.push(node.name.value);
  };
  visit(parse(typeDefs), {
    ObjectTypeDefinition: (node) => (['Query', 'Mutation'].includes(node.name.value) ? undefined : look(node)),
    InputObjectTypeDefinition: look,
    EnumTypeDefinition: look,
    EnumValueDefinition: look,
    FieldDefinition: look,
    InputValueDefinition: look,
  });
  expect(bare).toEqual([]);
});
