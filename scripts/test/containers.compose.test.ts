/** No container engine is at hand, so that what one would do with our files is looked at piece by piece. */
import { jest } from '@jest/globals';
import { readEnv as gatewayEnv } from '../../gateway/src/env.js';
import { readEnv as competencyEnv } from '../../services/competency/src/env.js';
import { readEnv as feedbackEnv } from '../../services/feedback/src/env.js';
import { readEnv as performanceEnv } from '../../services/performance/src/env.js';
import { readEnv as personnelEnv } from '../../services/personnel/src/env.js';
import {
  composeAsWritten,
  composeWith,
  folderOf,
  PROCESSES,
  read,
  SERVICES,
  stages,
  variablesIn,
} from './containers.js';

const REQUIRED = {
  MERIT_DATABASE_PASSWORD: 'nFq0pKd82',
  MERIT_FIRST_ADMIN: 'ani',
  OIDC_ISSUER: 'https://id.example.go.id/realms/asn',
};
const OPTIONAL = {
  CORS_ORIGINS: 'https://merit.example.go.id',
  FEEDBACK_SECRET: 'a text of thirty-two characters!',
  GATEWAY_PROCESSES: '4',
  GRAPHS: 'staff,public',
  LOG_LEVEL: 'debug',
  OIDC_AUDIENCE: 'merit-kota',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318',
  OTEL_TRACES_SAMPLER_ARG: '0.1',
  POSTGRES_PASSWORD: 'r00tPassw0rd',
  TRUSTED_PROXIES: '172.16.0.0/12',
};
const written = composeAsWritten();
const always = Object.fromEntries(Object.entries(written.services).filter(([, { profiles }]) => !profiles));
const least = composeWith(REQUIRED);
const most = composeWith({ ...REQUIRED, ...OPTIONAL });

const ENVIRONMENTS = {
  personnel: personnelEnv,
  performance: performanceEnv,
  competency: competencyEnv,
  feedback: feedbackEnv,
  gateway: gatewayEnv,
};

/** What the process makes of its environment, or what it says before it ends. */
function environmentOf(
  name: keyof typeof ENVIRONMENTS,
  given: Record<string, string>,
): Record<string, unknown> | string {
  let said = '';
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  try {
    return ENVIRONMENTS[name](given);
  } catch {
    return said;
  } finally {
    write.mockRestore();
    exit.mockRestore();
  }
}

const OF_GATEWAY = {
  CORS_ORIGINS: ['https://merit.example.go.id'],
  GATEWAY_PROCESSES: 4,
  GRAPHS: ['staff', 'public'],
  METRICS_HOST: '0.0.0.0', // else Prometheus does not reach it
  TRUSTED_PROXIES: ['172.16.0.0/12'],
};

/** What the process must have been told. */
const expectedOf = (name: string) => ({
  OIDC_ISSUER: REQUIRED.OIDC_ISSUER,
  HOST: '0.0.0.0', // else nobody outside the container reaches it
  PORT: 4000,
  ...(name === 'gateway' ? OF_GATEWAY : { MERIT_FIRST_ADMIN: REQUIRED.MERIT_FIRST_ADMIN }),
  ...(name === 'feedback' ? { FEEDBACK_SECRET: OPTIONAL.FEEDBACK_SECRET } : {}),
});

describe('docker-compose.yml', () => {
  test('has PostgreSQL, Kafka, the four services and the gateway', () => {
    expect(Object.keys(always).sort()).toEqual([...PROCESSES, 'kafka', 'postgres'].sort());
  });

  test('needs what has no default, and nothing else', () => {
    expect(variablesIn(JSON.stringify(written))).toEqual(Object.keys({ ...REQUIRED, ...OPTIONAL }).sort());
    for (const name of Object.keys(REQUIRED)) {
      expect(JSON.stringify(written)).not.toContain(`{${name}:-`);
      expect(() => composeWith({ ...REQUIRED, ...OPTIONAL, [name]: '' })).toThrow(`${name} is missing`);
    }
  });

  test.each(PROCESSES)('tells %s what its env.ts wants, and nothing that it does not know', (name) => {
    const { environment } = most.services[name]!;
    expect(environmentOf(name, least.services[name]!.environment)).toMatchObject({ NODE_ENV: 'production' });
    const understood = environmentOf(name, environment);
    expect(understood).toMatchObject({ LOG_LEVEL: 'debug', OIDC_AUDIENCE: 'merit-kota', ...expectedOf(name) });
    expect(Object.keys(understood)).toEqual(expect.arrayContaining(Object.keys(environment)));
  });

  test.each(PROCESSES)('tells %s where the broker is', (name) => {
    const { KAFKA_BROKERS } = least.services[name]!.environment;
    expect(`PLAINTEXT://${KAFKA_BROKERS}`).toBe(least.services['kafka']!.environment['KAFKA_ADVERTISED_LISTENERS']);
  });

  test.each(SERVICES)('gives %s the database that is made for it', (name) => {
    const { DATABASE_URL } = least.services[name]!.environment;
    const { hostname, port, username, password, pathname } = new URL(DATABASE_URL!);
    expect([hostname, port, pathname]).toEqual(['postgres', '5432', `/merit_${name}`]);
    expect([username, password]).toEqual([`merit_${name}`, REQUIRED.MERIT_DATABASE_PASSWORD]);
  });

  test('makes those databases where PostgreSQL looks for what to run at first', () => {
    const { volumes = [], environment } = least.services['postgres']!;
    expect(volumes).toContain(
      './infra/postgres/create-databases.sh:/docker-entrypoint-initdb.d/create-databases.sh:ro',
    );
    const script = read('infra/postgres/create-databases.sh');
    const [, services = ''] = /for service in (.*); do\n {2}name="merit_\$service"/.exec(script) ?? [];
    expect(services.split(' ').sort()).toEqual([...SERVICES].sort());
    expect(script).toContain('create database :"name" owner :"name"');
    expect(script).toContain('-v password="$MERIT_DATABASE_PASSWORD"');
    expect(environment).toEqual({ MERIT_DATABASE_PASSWORD: 'nFq0pKd82', POSTGRES_PASSWORD: 'nFq0pKd82' });
  });

  test('tells the gateway where each service answers', () => {
    const { environment } = least.services['gateway']!;
    for (const name of SERVICES) {
      const { PORT } = least.services[name]!.environment;
      expect(environment[`${name.toUpperCase()}_URL`]).toBe(`http://${name}:${PORT}/graphql`);
    }
  });

  test('runs Kafka in KRaft mode, as broker and its own controller, where topics are not made by accident', () => {
    const { environment } = least.services['kafka']!;
    expect(environment).toMatchObject({
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_CONTROLLER_QUORUM_VOTERS: `${environment['KAFKA_NODE_ID']}@kafka:9093`,
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE: 'false',
      // One broker cannot keep the three copies that these topics have unless told.
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    });
    expect(Object.keys(environment).filter((name) => name.includes('ZOOKEEPER'))).toEqual([]);
  });

  test('keeps the data of PostgreSQL and Kafka in volumes, where their images have it', () => {
    expect(least.services['postgres']!.volumes).toContain('postgres:/var/lib/postgresql'); // from version 18 on
    expect(least.services['kafka']!.volumes).toEqual(['kafka:/var/lib/kafka/data']);
    expect(Object.keys(least.volumes).sort()).toEqual(['kafka', 'postgres', 'prometheus']);
  });

  test('starts each when what it needs is healthy, and again when it ends', () => {
    for (const name of PROCESSES) {
      const needs = name === 'gateway' ? SERVICES : ['kafka', 'postgres'];
      expect(Object.keys(least.services[name]!.depends_on!).sort()).toEqual([...needs].sort());
      for (const { condition } of Object.values(least.services[name]!.depends_on!)) {
        expect(condition).toBe('service_healthy');
      }
    }
    for (const { restart } of Object.values(least.services)) expect(restart).toBe('unless-stopped');
    expect(least.services['postgres']!.healthcheck!.test.join(' ')).toContain('pg_isready');
    expect(least.services['kafka']!.healthcheck!.test.join(' ')).toContain('--bootstrap-server localhost:9092');
  });

  test.each(PROCESSES)('lets %s end in order, and its process end when it no longer knows its state', (name) => {
    const [, patience = ''] = /PATIENCE_MS = ([\d_]+);/.exec(read('services/chassis/src/shutdown.ts')) ?? [];
    const seconds = Number(/^(\d+)s$/.exec(least.services[name]!.stop_grace_period ?? '')?.[1]);
    expect(seconds * 1000).toBeGreaterThan(Number(patience.replaceAll('_', '')));
    const index = read(`${folderOf(name)}/src/index.ts`);
    expect(index).toMatch(/^const log = createLog\(.*\);\nexitOnUnhandled\(log\);$/m);
    // The gateway's is where it serves: a process that only looks after others ends in another way.
    const serving = name === 'gateway' ? read('gateway/src/serve.ts') : index;
    expect(serving).toMatch(/^ *stopOnSignal\(log, /m);
  });

  test('opens one port, the gateway’s, on the loopback address alone', () => {
    const opened = Object.entries(always).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(opened).toEqual([['gateway', '127.0.0.1:4000:4000']]);
  });

  test('shows figures and traces on the loopback address, when asked to, from images that do not change', () => {
    const shown = Object.entries(least.services).filter(([name]) => !(name in always));
    expect(shown.map(([name]) => name).sort()).toEqual(['grafana', 'jaeger', 'prometheus']);
    for (const [, { profiles, ports = [], image }] of shown) {
      expect(profiles).toEqual(['observability']);
      expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    }
  });

  test('gives no container more rights than it needs', () => {
    const rights = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };
    for (const name of PROCESSES) expect(least.services[name]).toMatchObject(rights);
    for (const container of Object.values(least.services)) {
      expect(Object.keys(container)).not.toEqual(expect.arrayContaining(['privileged']));
      expect(Object.keys(container)).not.toEqual(expect.arrayContaining(['user'])); // the image has its own
    }
  });

  test('holds no password, and neither does the recipe', () => {
    // A variable without a default, or with one that is such a variable.
    const given = /^\$\{\w+(:-|:\?[^${}]*|:-\$\{\w+:\?[^${}]*\})?\}$/;
    const isSecret = (name: string) => /PASSWORD|SECRET|TOKEN|KEY/i.test(name);
    const environments = Object.values(written.services).flatMap(({ environment = {} }) => Object.entries(environment));
    const secrets = environments.filter(([name]) => isSecret(name)).map(([, value]) => value);
    const inAddresses = environments.flatMap(([, value]) => /\/\/[^/:@]*:(.*)@/.exec(value)?.[1] ?? []);
    expect([secrets.length, inAddresses.length]).toEqual([3, 4]);
    for (const value of [...secrets, ...inAddresses]) expect(value).toMatch(given);
    const told = stages.flat().filter(({ keyword }) => keyword === 'ENV' || keyword === 'ARG');
    expect(told.filter(({ text }) => isSecret(text))).toEqual([]);
  });
});
