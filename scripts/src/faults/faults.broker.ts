/** Brokers that die, sleep, are restarted or lose their lead, on the set of three. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaBroker } from '@merit/infra/kafka/set';
import { type Fault, lasting, type Scene } from './fault.js';
import type { World } from './world.js';

const BROKERS = 3;

const missing = ({ cluster }: World): string | null =>
  cluster ? null : 'it needs three brokers (--brokers 3), which need Java 17, and Maven where Kafka was never fetched';

const onBroker = (name: string, strike: (broker: KafkaBroker, scene: Scene) => Promise<void>, lead = false): Fault => ({
  name,
  missing,
  strike: async (scene) => {
    const cluster = scene.world.cluster!;
    const id = lead ? cluster.controller() : scene.chance.between(1, BROKERS);
    await strike(cluster.broker(id), scene);
  },
});

async function killAndStart(broker: KafkaBroker, scene: Scene): Promise<void> {
  await broker.kill();
  await pause(lasting(scene));
  await broker.start();
}

export const brokerFaults: readonly Fault[] = [
  // The others go on without it; it comes back at once, as one does that a supervisor watches.
  onBroker('kill -9 a broker', async (broker) => {
    await broker.kill();
    await broker.start();
  }),
  onBroker('SIGSTOP of a broker', async (broker, scene) => {
    broker.pause();
    await pause(lasting(scene));
    broker.resume();
  }),
  onBroker('hard bounce of every broker', async (_, scene) => {
    for (let id = 1; id <= BROKERS; id += 1)
      await killAndStart(scene.world.cluster!.broker(id), { ...scene, short: true });
  }),
  onBroker('clean bounce of every broker', async (_, { world }) => {
    for (let id = 1; id <= BROKERS; id += 1) {
      await world.cluster!.broker(id).stop();
      await world.cluster!.broker(id).start();
    }
  }),
  onBroker('loss of the controller', killAndStart, true),
];
