/** The settings of a broker that stands alone on one machine. */
import path from 'node:path';

/** The text of server.properties. */
export function serverProperties(broker: { dataDir: string; port: number; controllerPort: number }): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${broker.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${broker.port},CONTROLLER://127.0.0.1:${broker.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${broker.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    // A backslash would be an escape in this format.
    'log.dirs': path.join(broker.dataDir, 'log').replaceAll('\\', '\\\\'),
    // As in production: topics are made on purpose, and a lagging replica never becomes the leader.
    'auto.create.topics.enable': false,
    'unclean.leader.election.enable': false,
    // There is no second broker to copy to.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Nobody else is about to join a group.
    'group.initial.rebalance.delay.ms': 0,
    // Small where the defaults are for a machine that does nothing else (the cleaner alone would take 128 MB).
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
