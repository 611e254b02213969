import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, parse, validate } from 'graphql';

const gateway = fileURLToPath(new URL('..', import.meta.url));
const api = buildASTSchema(
  transformSupergraphToPublicSchema(parse(readFileSync(`${gateway}supergraph.graphql`, 'utf8'))),
);

test.each(readdirSync(`${gateway}graphiql/examples`))('the ready query %s fits the graph', (file) => {
  expect(validate(api, parse(readFileSync(`${gateway}graphiql/examples/${file}`, 'utf8')))).toEqual([]);
});

test('the graph tells nobody of access rules, and every type, field and argument is described', () => {
  const types = Object.values(api.getTypeMap()).filter(
    ({ name }) =>
      !name.startsWith('__') && !['ID', 'String', 'Int', 'Float', 'Boolean', 'Query', 'Mutation'].includes(name),
  );
  expect(types.map(({ name }) => name)).not.toContain('Audience');
  expect(types.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
});
