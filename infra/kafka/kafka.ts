/**
 * A real Apache Kafka broker in KRaft mode, alone and on the loopback address, for a machine with Java: the same
 * software as in production, where several stand together.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf, requireFreePort, stopper, whenEnded } from '../process.js';
import { trouble } from '../trouble.js';
import { findJars } from './jars.js';
import { kafkaAvailable } from './java.js';
import { format, newClusterId, ORDERLY_END, propertiesFile, type RunningNode, startNode } from './node.js';
import { serverProperties } from './properties.js';

export { kafkaAvailable } from './java.js';

export interface KafkaOptions {
  /** The folder for everything of this broker; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  /** Where clients are told to come in, when something lies before the port: for tests that put a proxy there. */
  readonly advertisedPort?: number | undefined;
  /** Where the broker, as its own controller, talks to itself. */
  readonly controllerPort: number;
  /** Where the broker's own messages go; `kafka.log` in the data folder unless told. */
  readonly logFile?: string;
  readonly onProgress?: (step: string) => void;
}

export interface EmbeddedKafka {
  /** As for `KAFKA_BROKERS`. */
  readonly brokers: string;
  readonly pid: number;
  /** Settles when the broker has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets the broker close its logs, and answers when the process is gone. */
  readonly stop: () => Promise<void>;
}

/** Resident about 400 MB with this heap. Megabytes. */
const HEAP = 384;

/**
 * Starts the broker, or adopts the one that already runs on this data folder. It is in a process group of its own,
 * so that Ctrl-C reaches its caller first. The first start fetches the broker (45 MB) and formats its folder.
 * @throws Trouble: no Java or Maven, a port in use, no answer
 */
export async function startKafka(options: KafkaOptions): Promise<EmbeddedKafka> {
  const broker = { ...options, dataDir: path.resolve(options.dataDir) };
  const { pid, port, ended } = adopt(broker) ?? (await launch(broker));
  return { brokers: `127.0.0.1:${port}`, pid, ended, stop: stopper(pid, ended, ORDERLY_END) };
}

type Running = RunningNode & { readonly port: number };

const pidFile = ({ dataDir }: KafkaOptions): string => path.join(dataDir, 'kafka.pid');

/** A broker that was left running, known by the properties file that it was started with. */
function adopt(broker: KafkaOptions): Running | undefined {
  if (!existsSync(pidFile(broker))) return undefined;
  const [pid = 0, port = 0] = readFileSync(pidFile(broker), 'utf8').split('\n').map(Number);
  if (!pid || !port || !commandOf(pid)?.includes(propertiesFile(broker.dataDir))) return undefined;
  broker.onProgress?.(`using the Kafka that runs already (process ${pid})`);
  return { pid, port, ended: whenEnded(pid) };
}

async function launch(broker: KafkaOptions): Promise<Running> {
  const available = kafkaAvailable();
  if (!available.ok) throw trouble(available.why);
  const { dataDir, port, advertisedPort = port, controllerPort, logFile, onProgress } = broker;
  for (const each of [port, controllerPort]) await requireFreePort(each, 'Kafka');
  const jars = await findJars(onProgress);
  const properties = serverProperties({
    dataDir,
    id: 1,
    listeners: [{ protocol: 'PLAINTEXT', port, advertisedPort }],
    controllerPorts: [controllerPort],
  });
  const node = { dataDir, properties, jars, heap: HEAP, logFile };
  await format(node, newClusterId());
  onProgress?.(`starting Kafka on port ${port}`);
  const running = await startNode(node, (pid) => writeFileSync(pidFile(broker), `${pid}\n${advertisedPort}\n`));
  return { ...running, port: advertisedPort };
}
