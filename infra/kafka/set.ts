/**
 * Several real brokers on one machine, for what one alone cannot show: leaders that move, a quorum of controllers,
 * records that count as written when two of three have them. For tests; it ends with the process that started it.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { endProcess, stablePort } from '../process.js';
import { trouble } from '../trouble.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { findJars } from './jars.js';
import { kafkaAvailable } from './java.js';
import { format, type NodeOptions, newClusterId, ORDERLY_END, type RunningNode, startNode } from './node.js';
import { type Listener, serverProperties } from './properties.js';
import { alterUser, type KafkaUser, scramUsers, securityProperties } from './security.js';

export interface KafkaSetOptions {
  /** A folder for each broker goes below it. */
  readonly dataDir: string;
  /** 3 unless told. */
  readonly count?: number;
  /** Opens a listener with TLS, which asks for a client's certificate, and one with TLS and passwords; these users are there from the start. */
  readonly security?: { readonly users: readonly KafkaUser[] };
  /** Most of each broker's heap. 256 MB unless told. */
  readonly heap?: number;
}

export interface KafkaBroker {
  readonly id: number;
  /** Another at each start. */
  readonly pid: number;
  /** `host:port` without encryption. */
  readonly address: string;
  /** kill -9; answers when the process is gone. */
  kill(): Promise<void>;
  /** Hands its partitions over and closes its logs first; answers when the process is gone. */
  stop(): Promise<void>;
  /** With the data and the ports that it had; answers when it serves. */
  start(): Promise<void>;
  /** SIGSTOP: it lives, and says nothing. */
  pause(): void;
  resume(): void;
}

export interface KafkaSet {
  /** As for `KAFKA_BROKERS`, without encryption. */
  readonly brokers: string;
  /** The same brokers by their secured listeners, and the files that a client needs. */
  readonly secured: { readonly tls: string; readonly sasl: string; readonly files: Certificates } | null;
  /** From 1. */
  broker(id: number): KafkaBroker;
  /** Which of them is the active controller, as the ones that live say. */
  controller(): number;
  /** Makes a user, or changes a password; SCRAM only. */
  addUser(user: KafkaUser): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the brokers, each its own controller too, with as many copies of everything as there are brokers, up to 3.
 * @throws Trouble as `startKafka` does; then none is left running
 */
export async function startKafkaSet({ dataDir, count = 3, security, heap = 256 }: KafkaSetOptions): Promise<KafkaSet> {
  const available = kafkaAvailable();
  if (!available.ok) throw trouble(available.why);
  const jars = await findJars();
  const files = security ? await makeCertificates(path.join(dataDir, 'certificates')) : null;
  const protocols = security ? (['PLAINTEXT', 'SSL', 'SASL_SSL'] as const) : (['PLAINTEXT'] as const);
  const ports = await stablePorts(count * (protocols.length + 1));
  const controllerPorts = ports.splice(0, count);
  const listeners = controllerPorts.map(() =>
    protocols.map((protocol): Listener => ({ protocol, port: ports.shift()! })),
  );
  const addresses = (protocol: Listener['protocol']) =>
    listeners.map((each) => `127.0.0.1:${each.find((listener) => listener.protocol === protocol)!.port}`);
  const nodes = listeners.map((mine, i): NodeOptions => {
    const folder = path.join(path.resolve(dataDir), `broker-${i + 1}`);
    const settings = files && security ? { security: securityProperties(files, security.users) } : {};
    const properties = serverProperties({ dataDir: folder, id: i + 1, listeners: mine, controllerPorts, ...settings });
    return { dataDir: folder, properties, jars, heap };
  });
  const clusterId = newClusterId();
  await Promise.all(nodes.map((node) => format(node, clusterId, scramUsers(security?.users ?? []))));
  const brokers = nodes.map((node, i) => brokerOf(node, i + 1, addresses('PLAINTEXT')[i]!));
  const stop = async () => void (await Promise.all(brokers.map((broker) => broker.stop())));
  // One alone has no quorum, and does not say that it serves.
  const started = await Promise.allSettled(brokers.map((broker) => broker.start()));
  const failed = started.find((each) => each.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    brokers: addresses('PLAINTEXT').join(','),
    secured: files && { tls: addresses('SSL').join(','), sasl: addresses('SASL_SSL').join(','), files },
    broker: (id) => brokers[id - 1]!,
    controller: () => controllerOf(nodes.filter((_, i) => brokers[i]!.running())),
    addUser: (user) => alterUser(jars, addresses('PLAINTEXT').join(','), user),
    stop,
  };
}

async function stablePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await stablePort());
  return [...ports];
}

function brokerOf(node: NodeOptions, id: number, address: string): KafkaBroker & { running(): boolean } {
  let current: RunningNode | undefined;
  let pid = 0;
  const signal = (name: NodeJS.Signals) => {
    if (pid) process.kill(pid, name);
  };
  const end = async (steps: Parameters<typeof endProcess>[1]) => {
    if (pid) await endProcess(pid, steps);
    await current?.ended;
  };
  const orphaned = () => signal('SIGKILL');
  return {
    id,
    address,
    get pid() {
      return pid;
    },
    running: () => pid !== 0,
    async start() {
      if (pid) throw new Error(`Broker ${id} runs already.`);
      process.on('exit', orphaned);
      const gone = () => {
        process.off('exit', orphaned);
        current = undefined;
        pid = 0;
      };
      try {
        current = await startNode(node, (started) => {
          pid = started;
        });
      } catch (error) {
        gone();
        throw error;
      }
      void current.ended.then(gone);
    },
    kill: () => end([{ signal: 'SIGKILL', waitMs: 5_000 }]),
    async stop() {
      signal('SIGCONT'); // one that is stopped hears nothing else
      await end(ORDERLY_END);
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

/** Each keeps what it knows of the quorum in a file; the highest epoch is the latest. */
function controllerOf(nodes: readonly NodeOptions[]): number {
  const known = nodes
    .map(({ dataDir }) => path.join(dataDir, 'log', '__cluster_metadata-0', 'quorum-state'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { leaderId: number; leaderEpoch: number });
  const latest = known.sort((a, b) => b.leaderEpoch - a.leaderEpoch)[0];
  if (!latest || latest.leaderId < 1) throw new Error('The quorum has no leader at the moment.');
  return latest.leaderId;
}
