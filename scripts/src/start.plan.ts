/** Which processes Merit is, where each listens and what it is told. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, from this file and from what is compiled of it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const SERVICES = ['personnel', 'performance', 'competency', 'feedback'] as const;
export type Service = (typeof SERVICES)[number];

/** Each service's own database, and that of the embedded event log. */
export const DATABASES = [...SERVICES, 'eventlog'] as const;
export type Database = (typeof DATABASES)[number];

export type Ports = Readonly<
  Record<Service | 'gateway' | 'identity' | 'postgres' | 'kafka' | 'kafkaController', number>
>;

/** All ports follow from the gateway's. */
export const portsFrom = (gateway: number): Ports => ({
  gateway,
  personnel: gateway + 1,
  performance: gateway + 2,
  competency: gateway + 3,
  feedback: gateway + 4,
  identity: gateway + 5,
  postgres: gateway + 6,
  kafka: gateway + 7,
  kafkaController: gateway + 8,
});

/** The addresses of everything that answers HTTP. */
export const urlsFrom = (ports: Ports) => ({
  gateway: `http://localhost:${ports.gateway}`,
  identity: `http://localhost:${ports.identity}`,
  ...(Object.fromEntries(SERVICES.map((name) => [name, `http://127.0.0.1:${ports[name]}/graphql`])) as Record<
    Service,
    string
  >),
});

/** Where things are in the data folder. */
export const placesIn = (dataDir: string) => ({
  postgres: path.join(dataDir, 'postgres'),
  kafka: path.join(dataDir, 'kafka'),
  identity: path.join(dataDir, 'identity'),
  logs: path.join(dataDir, 'logs'),
  pids: path.join(dataDir, 'pids'),
  lock: path.join(dataDir, 'merit.lock'),
  /** Passwords of roles on a database server that is not the embedded one. */
  passwords: path.join(dataDir, 'passwords.json'),
  /** Whom one can sign in as, and the ids for ready queries; the seed writes them. */
  people: path.join(dataDir, 'people.json'),
  examples: path.join(dataDir, 'examples.json'),
  /** How far the seed has come, an agency a file. */
  seed: path.join(dataDir, 'seed'),
});

export type NodeName = Service | 'gateway' | 'identity';

export interface NodeProcess {
  readonly name: NodeName | `${Service}-2`;
  readonly script: string;
  /** For node itself, before the script. */
  readonly args?: readonly string[];
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** The most memory for its objects, in MB; V8 then collects instead of growing. */
  readonly heapMb: number;
}

export interface Wiring {
  readonly ports: Ports;
  readonly dataDir: string;
  readonly databases: Readonly<Partial<Record<Database, string>>>;
  /** `host:port,…`; without it events go through the embedded log. */
  readonly brokers: string | undefined;
  readonly logLevel: string;
}

/** What the four services, the identity provider and the gateway are started with. */
export function nodeProcesses(wiring: Wiring): Record<NodeName, NodeProcess> {
  const entries = [identity(wiring), ...SERVICES.map((name) => service(name, wiring)), gateway(wiring)];
  return Object.fromEntries(entries.map((entry) => [entry.name, entry])) as Record<NodeName, NodeProcess>;
}

const common = ({ ports, logLevel }: Wiring, port: number): Record<string, string> => ({
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  PORT: String(port),
  OIDC_ISSUER: urlsFrom(ports).identity,
  OIDC_AUDIENCE: 'merit',
  LOG_LEVEL: logLevel,
});

/** An empty variable counts as absent, and hides one of the same name that the caller's shell may have. */
const events = ({ brokers, databases }: Wiring) => ({
  EVENT_LOG_URL: brokers === undefined ? (databases.eventlog ?? '') : '',
  KAFKA_BROKERS: brokers ?? '',
});

/** What a service's JavaScript may hold in memory, beside buffers and code. */
export const SERVICE_HEAP_MB = 256;

const service = (name: Service, wiring: Wiring): NodeProcess => ({
  name,
  script: path.join(ROOT, 'services', name, 'dist', 'index.js'),
  port: wiring.ports[name],
  heapMb: SERVICE_HEAP_MB,
  env: {
    ...common(wiring, wiring.ports[name]),
    MERIT_FIRST_ADMIN: 'system',
    DATABASE_URL: wiring.databases[name] ?? '',
    ...events(wiring),
  },
});

const identity = (wiring: Wiring): NodeProcess => ({
  name: 'identity',
  script: path.join(ROOT, 'infra', 'dist', 'identity', 'index.js'),
  port: wiring.ports.identity,
  heapMb: 128,
  env: {
    ...common(wiring, wiring.ports.identity),
    IDENTITY_DATA: placesIn(wiring.dataDir).identity,
    MERIT_PEOPLE: placesIn(wiring.dataDir).people,
  },
});

function gateway(wiring: Wiring): NodeProcess {
  const urls = urlsFrom(wiring.ports);
  return {
    name: 'gateway',
    script: path.join(ROOT, 'gateway', 'dist', 'index.js'),
    port: wiring.ports.gateway,
    heapMb: 384,
    env: {
      ...common(wiring, wiring.ports.gateway),
      ...Object.fromEntries(SERVICES.map((name) => [`${name.toUpperCase()}_URL`, urls[name]])),
      ...events(wiring),
      EXAMPLES_FILE: placesIn(wiring.dataDir).examples,
    },
  };
}
