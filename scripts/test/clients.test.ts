/** docs/clients.md, followed word by word, against the graph's schema. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { preset as client } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { parse } from 'graphql';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(path.join(root, 'docs', 'clients.md'), 'utf8');
const files = [...page.matchAll(/```ts (\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => [name!, text!] as const);
const commands = [...page.matchAll(/^npx .*$/gm)].map(([command]) => command);

const run = (folder: string, command: string) =>
  promisify(execFile)('sh', ['-c', command], { cwd: folder, env: { ...process.env, CI: 'true' } }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );

/** What `npx graphql-codegen` does with the page's configuration, without its command line. */
async function generateTypes(folder: string): Promise<void> {
  const { default: config } = await import(path.join(folder, 'codegen.ts'));
  const [[target, { preset, config: options }]] = Object.entries(config.generates) as [
    [string, { preset: string; config: object }],
  ];
  expect([target, preset]).toEqual(['src/gql/', 'client']);
  const schema = parse(readFileSync(config.schema, 'utf8'));
  const documents = files
    .filter(([name]) => name.startsWith('src/'))
    .flatMap(([name, text]) => {
      const asked = /graphql\(`([\s\S]*?)`\)/.exec(text)?.[1];
      return asked ? [{ location: name, document: parse(asked), rawSDL: asked, hash: name }] : [];
    });
  const parts = await client.buildGeneratesSection({
    baseOutputDir: `${folder}/${target}`,
    schema,
    documents,
    config: options,
    presetConfig: {},
    plugins: [],
    pluginMap: {},
    profiler: undefined,
    cache: undefined,
  } as never);
  mkdirSync(path.join(folder, target), { recursive: true });
  for (const part of parts) writeFileSync(part.filename, await codegen(part));
}

describe('a client by the page', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit client '));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has types for what it asks, and an error for what the graph does not have', async () => {
    expect(files.map(([name]) => name)).toEqual(['codegen.ts', 'src/graph.ts', 'src/me.ts']);
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), '{ "name": "client", "type": "module" }');
    mkdirSync(path.join(folder, 'src'));
    for (const [name, text] of files) {
      // The schema as it is committed, so that nothing has to run.
      const own = text.replace('http://localhost:4000/graphql', path.join(root, 'gateway/contracts/staff.graphql'));
      writeFileSync(path.join(folder, name), name === 'codegen.ts' ? own : text);
    }
    const [, check] = commands;
    await generateTypes(folder);
    expect(await run(folder, check!)).toBe('');
    const me = path.join(folder, 'src/me.ts');
    writeFileSync(me, readFileSync(me, 'utf8').replace('data?.me?.score?.value', 'data?.me?.score?.values'));
    expect(await run(folder, check!)).toContain("Property 'values' does not exist");
  }, 120_000);
});
