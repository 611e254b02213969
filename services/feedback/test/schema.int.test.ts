import { readdirSync, readFileSync } from 'node:fs';
import { buildGraph } from '@merit/chassis/api/graph';
import { GENERIC_CODES } from '@merit/chassis/errors';
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

test('every code that is thrown is documented', () => {
  const folder = new URL('../src/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const thrown = sources.flatMap((name) =>
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/(?:DomainError|refuse)\(\s*'([A-Z_]+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(thrown.length).toBeGreaterThan(40);
  const generic = Object.keys(GENERIC_CODES);
  expect([...new Set(thrown)].filter((code) => !generic.includes(code) && !readme.includes(code))).toEqual([]);
});
