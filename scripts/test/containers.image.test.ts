/** No container engine is at hand to build the images, so that the recipe is held against the files that it names. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  all,
  composeAsWritten,
  copied,
  exists,
  folderOf,
  isIgnored,
  isWithin,
  PROCESSES,
  read,
  root,
  SERVICES,
  stages,
} from './containers.js';

const [build = [], image = [], ...more] = stages;
const { services } = composeAsWritten();

describe('the image', () => {
  const fromContext = copied(build);
  const fromBuild = copied(image, 'build').map((path) => path.replace('/merit/', ''));
  const removed = all(build, 'RUN').flatMap(
    ({ text }) => /\brm -rf ([^&]+)/.exec(text)?.[1]?.trim().split(/\s+/) ?? [],
  );
  /** Whether a file of ours is still there where the process runs. */
  const isThere = (path: string) =>
    !isIgnored(path) &&
    [fromContext, fromBuild].every((folders) => folders.some((folder) => isWithin(path, folder))) &&
    !removed.some((folder) => isWithin(path, folder));

  /** What a package reads beside its compiled sources, wherever these are. */
  const readBy = (folder: string): string[] =>
    readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [...read(`${folder}/src/${file}`).matchAll(/new URL\('\.\.\/([^']+)', import\.meta\.url\)/g)])
      .map(([, path]) => `${folder}/${path!.replace(/\/$/, '')}`);
  const libraries = ['services/chassis', 'services/directory'];
  const needed = [...PROCESSES.map(folderOf), ...libraries].flatMap(readBy);

  test('is built in one stage and runs in another, which takes nothing but from there', () => {
    expect(more).toEqual([]);
    expect(all(build, 'FROM')[0]!.words.slice(1)).toEqual(['AS', 'build']);
    expect([copied(image), all(image, 'RUN')]).toEqual([[], []]);
  });

  test('names the version of what it is made from, as docker-compose.yml does', () => {
    const images = Object.values(services)
      .filter(({ profiles }) => !profiles)
      .flatMap((container) => container.image ?? []);
    const bases = stages.flatMap((stage) => all(stage, 'FROM').map(({ words }) => words[0]!));
    expect(images.sort()).toEqual([
      expect.stringMatching(/^apache\/kafka:4\.\d/),
      expect.stringMatching(/^postgres:18/),
    ]);
    expect(bases).toEqual([expect.stringMatching(/^node:24\b/), expect.stringMatching(/^node:24\b/)]);
  });

  test('runs as an ordinary user', () => {
    expect(all(image, 'USER').map(({ text }) => text)).toEqual(['node']);
  });

  test('copies what is there', () => {
    for (const path of fromContext) expect([path, exists(path), isIgnored(path)]).toEqual([path, true, false]);
    for (const path of fromBuild.filter((path) => path !== 'node_modules')) {
      expect([path, fromContext.includes(path), removed.includes(path)]).toEqual([path, true, false]);
    }
    expect(fromBuild).toContain('node_modules');
  });

  test('holds what its process reads when it runs', () => {
    expect(needed).toEqual(
      expect.arrayContaining([
        ...['', '.partner', '.public'].map((contract) => `gateway/supergraph${contract}.graphql`),
        'services/chassis/src/migrations',
        'services/chassis/src/migrations-log',
        'services/directory/src/migrations',
        ...SERVICES.flatMap((name) => [`services/${name}/schema.graphql`, `services/${name}/src/migrations`]),
      ]),
    );
    // Read by nobody in production, or only where they are.
    const development = [
      ...['gateway/graphiql', 'gateway/graphiql/examples'],
      ...['gateway/../docs/asyncapi.html', 'gateway/../proto/asyncapi.yaml'],
    ];
    const files = needed
      .filter((path) => !development.includes(path))
      .flatMap((path) =>
        path.includes('migrations') ? readdirSync(join(root, path)).map((sql) => `${path}/${sql}`) : path,
      );
    expect(files.filter((path) => path.endsWith('.sql')).length).toBeGreaterThanOrEqual(7);
    expect(files.filter((path) => !exists(path) || !isThere(path))).toEqual([]);
  });

  test('holds the packages of ours that these import, and none that is for one machine', () => {
    const named = (folder: string): string[] =>
      Object.keys(JSON.parse(read(`${folder}/package.json`)).dependencies).filter((name) => name.startsWith('@merit/'));
    const imported = new Set([...PROCESSES.map(folderOf), ...libraries, 'proto'].flatMap(named));
    expect([...imported].sort()).toEqual(['@merit/chassis', '@merit/directory', '@merit/proto']);
    expect(['proto/package.json', ...libraries.map((folder) => `${folder}/package.json`)].filter(isThere)).toHaveLength(
      3,
    );
    expect(['infra/identity/index.ts', 'scripts/src/start.ts', 'gateway/graphiql/page.js'].filter(isThere)).toEqual([]);
  });

  test.each(PROCESSES)('of %s runs its index', (name) => {
    const { context, dockerfile, args } = services[name]!.build!;
    expect([context, dockerfile, args]).toEqual(['.', 'infra/images/Dockerfile', { PACKAGE: folderOf(name) }]);
    expect(exists(`${args.PACKAGE}/src/index.ts`)).toBe(true);
    expect(JSON.parse(read(`${args.PACKAGE}/tsconfig.json`)).compilerOptions).toMatchObject({
      rootDir: 'src',
      outDir: 'dist',
    });
    expect(all(image, 'CMD').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^\["sh", "-c", "exec node \$\{PACKAGE\}\/dist\/index\.js"\]$/),
    ]);
    expect([all(image, 'ARG')[0]!.text, all(image, 'ENV')[0]!.words]).toEqual([
      'PACKAGE',
      expect.arrayContaining([expect.stringMatching(/^PACKAGE=\$\{PACKAGE\}$/), 'NODE_ENV=production']),
    ]);
  });

  test('is asked for its health where it listens', () => {
    const [health] = all(image, 'HEALTHCHECK');
    const [program, option, script = ''] = JSON.parse(
      /CMD (\[.*\])$/.exec(health?.text ?? '')?.[1] ?? '[]',
    ) as string[];
    expect([program, option]).toEqual(['node', '-e']);
    expect(script).toMatch(/http:\/\/127\.0\.0\.1:\$\{process\.env\.PORT\}\/health\/ready/);
    expect(() => new Function(script)).not.toThrow();
    for (const name of PROCESSES) expect(services[name]!.environment['PORT']).toBe(all(image, 'EXPOSE')[0]!.text);
  });

  test('is installed without running what packages bring along, and as the lock file says', () => {
    const [install = ''] = all(build, 'RUN').flatMap(({ text }) => text.split(/\s*&&\s*/));
    expect(install).toMatch(/^npm install --no-save --ignore-scripts\b/); // not `npm ci`: see there
    expect(fromContext).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'turbo.json', '.config']));
  });

  test('takes over nothing that was made on this machine', () => {
    const made = [
      '.git/HEAD',
      '.merit/passwords.json',
      'node_modules/pg/index.js',
      'gateway/node_modules/x',
      'proto/gen/x',
    ];
    const others = [
      'services/personnel/dist/index.js',
      'infra/kafka/target/x',
      'gateway/.turbo/x',
      'gateway/test/x.ts',
    ];
    expect([...made, ...others, 'gateway/src/http.test.ts'].filter((path) => !isIgnored(path))).toEqual([]);
  });
});
