import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type OperationDefinitionNode, parse, validate } from 'graphql';
import { LIMITS, overLimit } from '../src/limits.js';
import { measure } from '../src/measure.js';

const gateway = fileURLToPath(new URL('..', import.meta.url));
const api = buildASTSchema(
  transformSupergraphToPublicSchema(parse(readFileSync(`${gateway}supergraph.graphql`, 'utf8'))),
);

const ready = ['graphiql/examples', 'documents/staff'].flatMap((folder) =>
  readdirSync(`${gateway}${folder}`).map((file) => `${folder}/${file}`),
);
test.each(ready)('the ready query %s fits the graph', (file) => {
  const document = parse(readFileSync(`${gateway}${file}`, 'utf8'));
  expect(validate(api, document)).toEqual([]);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const found = measure({ schema: api, operation, fragments: new Map(), variables: {} });
  expect(overLimit(found, LIMITS.staff)).toBeNull();
  expect(found.cost).toBeLessThan(LIMITS.staff.cost / 3); // a screen may need a few of them
});

test('the graph tells nobody of access rules, and every type, field and argument is described', () => {
  const types = Object.values(api.getTypeMap()).filter(
    ({ name }) =>
      !name.startsWith('__') && !['ID', 'String', 'Int', 'Float', 'Boolean', 'Query', 'Mutation'].includes(name),
  );
  expect(types.map(({ name }) => name)).not.toContain('Audience');
  expect(types.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
});
