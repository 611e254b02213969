/** The settings of a broker that is its own controller, alone or beside others on one machine. */
import path from 'node:path';

/** Where clients come in. */
export interface Listener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_SSL';
  readonly port: number;
  /** Where clients are told to come in, when something lies before the port. */
  readonly advertisedPort?: number | undefined;
}

export interface NodeSettings {
  readonly dataDir: string;
  /** From 1. */
  readonly id: number;
  /** The first is also the way between brokers, and says what it says in the clear. */
  readonly listeners: readonly Listener[];
  /** The ports of all controllers, in the order of their ids. */
  readonly controllerPorts: readonly number[];
  /** What the secured listeners need. */
  readonly security?: Readonly<Record<string, string>>;
}

const at = (port: number): string => `127.0.0.1:${port}`;

/** The text of server.properties. */
export function serverProperties({ dataDir, id, listeners, controllerPorts, security = {} }: NodeSettings): string {
  const copies = Math.min(3, controllerPorts.length);
  const inSync = Math.max(1, copies - 1);
  const open = listeners.map(({ protocol, port }) => `${protocol}://${at(port)}`).join(',');
  const told = listeners
    .map(({ protocol, port, advertisedPort = port }) => `${protocol}://${at(advertisedPort)}`)
    .join(',');
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllerPorts.map((port, i) => `${i + 1}@${at(port)}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `${open},CONTROLLER://${at(controllerPorts[id - 1]!)}`,
    'advertised.listeners': told,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT',
      ...listeners.map((it) => `${it.protocol}:${it.protocol}`),
    ],
    // A backslash would be an escape in this format.
    'log.dirs': path.join(dataDir, 'log').replaceAll('\\', '\\\\'),
    // As in production: topics are made on purpose, and a lagging replica never becomes the leader.
    'auto.create.topics.enable': false,
    'unclean.leader.election.enable': false,
    // As many copies as there are brokers to hold them.
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    // How long the partitions of a broker that was killed have no leader; 9 s unless told.
    'broker.session.timeout.ms': 5_000,
    'broker.heartbeat.interval.ms': 1_000,
    // Nobody else is about to join a group.
    'group.initial.rebalance.delay.ms': 0,
    // Small where the defaults are for a machine that does nothing else (the cleaner alone would take 128 MB).
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    ...security,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
