/**
 * A real Keycloak with our realm, alone and on the loopback address, for a machine with Java: what production is likely
 * to have in the place of the embedded provider. For tests; it keeps nothing, and ends with its caller.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { java } from '../java.js';
import { requireFreePort, stopper, until, whenEnded } from '../process.js';
import { trouble } from '../trouble.js';
import { keycloakAvailable, prepareHome } from './keycloak.home.js';

export { keycloakAvailable } from './keycloak.home.js';

export interface KeycloakOptions {
  /** The folder for everything of this server; must not be there, or be empty. */
  readonly dataDir: string;
  readonly port: number;
  /** Where the pages are that people sign in for: `merit-web` is redirected to `<webOrigin>/callback`. */
  readonly webOrigin: string;
  readonly onProgress?: (step: string) => void;
}

export interface RunningKeycloak {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Of the realm `merit`, as for `OIDC_ISSUER`. */
  readonly issuer: string;
  /** Of the realm `master`: may do everything. Made up at start. */
  readonly admin: { readonly username: string; readonly password: string };
  /** The secret of the client `merit-partner`. Made up at start. */
  readonly partnerSecret: string;
  readonly pid: number;
  /** Ends in order; answers when the process is gone. */
  readonly stop: () => Promise<void>;
}

/** Of the heap; the process takes about twice as much. Megabytes. */
const HEAP = 384;

/** It was up in 25 s on two busy cores, and in 60 s under a load of fifteen. Milliseconds. */
const PATIENCE_MS = 600_000;

const ORDERLY_END = [
  { signal: 'SIGTERM', waitMs: 30_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

/**
 * Starts Keycloak without TLS and with its data in memory, and imports the realm. Resolves when the realm can be
 * discovered. The first start fetches it.
 * @throws Trouble: no Java or Maven, a port in use, no answer within ten minutes
 */
export async function startKeycloak({
  dataDir,
  port,
  webOrigin,
  onProgress,
}: KeycloakOptions): Promise<RunningKeycloak> {
  const available = keycloakAvailable();
  if (!available.ok) throw trouble(available.why);
  await requireFreePort(port, 'Keycloak');
  const home = path.resolve(dataDir);
  mkdirSync(home, { recursive: true });
  await prepareHome(home, onProgress);
  const url = `http://127.0.0.1:${port}`;
  const issuer = `${url}/realms/merit`;
  const admin = { username: 'admin', password: secret() };
  const partnerSecret = secret();
  onProgress?.(`starting Keycloak on port ${port}`);
  const server = launch(home, port, url, {
    MERIT_WEB_ORIGIN: webOrigin,
    MERIT_PARTNER_SECRET: partnerSecret,
    KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
    KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
  });
  const isUp = await until(async () => server.hasEnded() || (await discovers(issuer)), PATIENCE_MS);
  if (isUp && !server.hasEnded()) return { url, issuer, admin, partnerSecret, pid: server.pid, stop: server.stop };
  await server.stop();
  const complaint = /^.*(ERROR|FATAL|Exception).*$/m.exec(readFileSync(server.log, 'utf8'))?.[0] ?? 'no answer';
  throw trouble(`Keycloak did not start: ${complaint} (${server.log})`);
}

const secret = (): string => randomBytes(24).toString('base64url');

const discovers = (issuer: string): Promise<boolean> =>
  fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** The process, in a group of its own, so that Ctrl-C reaches its caller first. */
function launch(home: string, port: number, url: string, secrets: Readonly<Record<string, string>>) {
  const log = path.join(home, 'keycloak.log');
  const file = openSync(log, 'a');
  const address = ['--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${url}`];
  // Alone: a set of servers would look for others in the network.
  const options = ['--optimized', '--cache=local', '--import-realm', ...address];
  const child = spawn(path.join(home, 'bin', 'kc.sh'), ['start', ...options], {
    cwd: home,
    stdio: ['ignore', file, file],
    detached: true,
    env: {
      PATH: process.env['PATH'],
      JAVA: java(),
      JAVA_OPTS_KC_HEAP: `-Xms64m -Xmx${HEAP}m -XX:TieredStopAtLevel=1`,
      ...secrets,
    },
  });
  closeSync(file);
  const pid = child.pid ?? 0;
  const orphaned = () => {
    process.kill(pid, 'SIGKILL');
  };
  process.on('exit', orphaned);
  let ended = false;
  const end = whenEnded(pid, child).then(() => {
    ended = true;
    process.off('exit', orphaned);
  });
  return { pid, log, hasEnded: () => ended, stop: stopper(pid, end, ORDERLY_END) };
}
