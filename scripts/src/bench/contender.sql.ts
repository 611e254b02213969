/**
 * The limit of the staff graph: an endpoint written by hand for each document, in SQL on the four databases. It gives the
 * same JSON, and does nothing else: it asks nobody who they are, judges nothing and logs nothing.
 */
import fastify from 'fastify';
import { contenderEnv } from './contender.env.js';
import { openDatabases, person, team } from './contender.sql.read.js';
import { unit } from './contender.sql.unit.js';

const { port, host, databases } = contenderEnv();
const db = openDatabases(databases);
const DOCUMENTS: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  Person: async (id) => ({ employee: await person(db, id) }),
  Team: async (id) => ({ employees: await team(db, id) }),
  Unit: async (id) => ({ unit: await unit(db, id) }),
};

interface Body {
  readonly operationName: string;
  readonly variables: { readonly id: string };
}

const app = fastify();
app.get('/', async () => 'ready');
app.post<{ Body: Body }>('/graphql', async ({ body }) => ({
  data: await DOCUMENTS[body.operationName]!(body.variables.id),
}));
await app.listen({ port, host });
