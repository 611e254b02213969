/** Keycloak's own files, which Maven resolves by pom.xml into target/keycloak, and a folder for one server to run in. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Available, java, javaAvailable } from '../java.js';
import { fetchByMaven, versionIn } from '../maven.js';

/** infra/identity, from this file and from what is compiled of it. */
const identityFolder = (): string => {
  const here = import.meta.dirname;
  return existsSync(path.join(here, 'pom.xml')) ? here : path.join(here, '..', '..', 'identity');
};

const distribution = (): string =>
  path.join(
    identityFolder(),
    ...['target', 'keycloak', `keycloak-${versionIn(identityFolder(), 'keycloak-quarkus-dist')}`],
  );

const isThere = (): boolean => existsSync(path.join(distribution(), 'bin', 'kc.sh'));

/** Whether a Keycloak can be started on this machine, and what is missing when not. */
export const keycloakAvailable = (): Available => javaAvailable('Keycloak', isThere);

/** Where the realm is written down: our claims, clients and rules, without secrets. */
export const realmFile = (): string => path.join(identityFolder(), 'realm.json');

/**
 * A home for one server: its archives (150 MB) are shared, its configuration and data are its own.
 * @param home a folder that is not there, or empty
 * @throws Trouble when it cannot be fetched
 */
export async function prepareHome(home: string, onProgress?: (step: string) => void): Promise<void> {
  if (!isThere()) {
    onProgress?.('fetching Keycloak with Maven (147 MB, once)');
    const folder = identityFolder();
    await fetchByMaven({ folder, property: 'unpacked', into: 'keycloak', name: 'Keycloak', isThere, prepare });
  }
  const from = distribution();
  for (const own of ['bin', 'conf', 'providers', 'themes']) {
    cpSync(path.join(from, own), path.join(home, own), { recursive: true });
  }
  symlinkSync(path.join(from, 'lib'), path.join(home, 'lib'));
  mkdirSync(path.join(home, 'data', 'import'), { recursive: true });
  copyFileSync(realmFile(), path.join(home, 'data', 'import', 'merit-realm.json'));
}

/** Fixes the kind of database in the archives, once: each start would do it anew otherwise, for longer than all the rest. */
async function prepare(unpacked: string): Promise<void> {
  const script = path.join(unpacked, path.basename(distribution()), 'bin', 'kc.sh');
  await promisify(execFile)(script, ['build', '--db=dev-mem'], { env: { ...process.env, JAVA: java() } });
}
