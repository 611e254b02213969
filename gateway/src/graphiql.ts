import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

const FOLDER = fileURLToPath(new URL('../graphiql/', import.meta.url));
const require = createRequire(import.meta.url);

/** A file of a library as npm installed it: the page works without a network. */
const vendored = (library: string, file: string) => join(dirname(require.resolve(`${library}/package.json`)), file);

/** Everything that the page is made of: address → file. */
const FILES: Record<string, string> = {
  '/graphiql': join(FOLDER, 'index.html'),
  '/graphiql/page.css': join(FOLDER, 'page.css'),
  '/graphiql/page.js': join(FOLDER, 'page.js'),
  '/graphiql/vendor/graphiql.min.css': vendored('graphiql', 'graphiql.min.css'),
  '/graphiql/vendor/graphiql.min.js': vendored('graphiql', 'graphiql.min.js'),
  '/graphiql/vendor/react.production.min.js': vendored('react', 'umd/react.production.min.js'),
  '/graphiql/vendor/react-dom.production.min.js': vendored('react-dom', 'umd/react-dom.production.min.js'),
};
const TYPES: Record<string, string> = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };

/** The ready queries, a tab each. `variables` takes what the seed wrote of itself: name → id. */
const EXAMPLES: readonly { file: string; variables: (seeded: Record<string, string>) => object }[] = [
  { file: 'person', variables: (seeded) => ({ id: seeded['employee'] ?? '' }) },
  { file: 'unit', variables: (seeded) => ({ id: seeded['unit'] ?? '' }) },
  { file: 'me', variables: () => ({}) },
  {
    file: 'complete-training',
    variables: (seeded) => ({
      input: {
        enrolmentId: seeded['enrolment'] ?? '',
        hours: 8,
        certificateNumber: 'GRAPHIQL-1',
        completedAt: new Date().toISOString(),
      },
    }),
  },
];

/** Only what the page brings along may run or be shown in it. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'";

/**
 * GraphiQL at `/graphiql`, and `/` leads there. For development: the caller leaves it out in production.
 * @param examplesFile where the seed wrote the ids for the ready queries; without it their variables are empty
 */
export function serveGraphiql(app: FastifyInstance, examplesFile: string | undefined): void {
  app.get('/', (_, reply) => reply.redirect('/graphiql'));
  for (const [url, file] of Object.entries(FILES)) {
    app.get(url, (_, reply) =>
      reply
        .type(`${TYPES[extname(file)]}; charset=utf-8`)
        .header('content-security-policy', POLICY)
        .send(createReadStream(file)),
    );
  }
  app.get('/graphiql/examples.json', () => examples(examplesFile));
}

async function examples(seededFile: string | undefined) {
  const seeded = await readSeeded(seededFile);
  return Promise.all(
    EXAMPLES.map(async ({ file, variables }) => ({
      query: await readFile(`${FOLDER}examples/${file}.graphql`, 'utf8'),
      variables: variables(seeded),
    })),
  );
}

/** An empty system has no such file yet; a broken one is no reason to show no page. */
async function readSeeded(file: string | undefined): Promise<Record<string, string>> {
  if (!file) return {};
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return {};
  }
}
