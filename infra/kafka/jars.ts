/** The broker's Java archives, which Maven resolves by pom.xml into target/lib. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fetchByMaven, versionIn } from '../maven.js';

/** infra/kafka, from this file and from what is compiled of it. */
export const kafkaFolder = (): string => {
  const here = import.meta.dirname;
  return existsSync(path.join(here, 'pom.xml')) ? here : path.join(here, '..', '..', 'kafka');
};

const library = (): string => path.join(kafkaFolder(), 'target', 'lib');

/** Whether the version that pom.xml names is there already, so that neither Maven nor a network is needed. */
export const jarsArePresent = (): boolean =>
  existsSync(path.join(library(), `kafka_2.13-${versionIn(kafkaFolder(), 'kafka_2.13')}.jar`));

/** The class path of the broker, fetched when it is missing. @throws Trouble when Maven cannot fetch it */
export async function findJars(onProgress?: (step: string) => void): Promise<string> {
  if (!jarsArePresent()) {
    onProgress?.('fetching Apache Kafka with Maven (45 MB, once)');
    const folder = kafkaFolder();
    await fetchByMaven({ folder, property: 'lib', into: 'lib', name: 'Apache Kafka', isThere: jarsArePresent });
  }
  return path.join(library(), '*');
}
