/** The broker's Java archives, which Maven resolves by pom.xml into target/lib. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { trouble } from '../trouble.js';

/** infra/kafka, from this file and from what is compiled of it. */
export const kafkaFolder = (): string => {
  const here = import.meta.dirname;
  return existsSync(path.join(here, 'pom.xml')) ? here : path.join(here, '..', '..', 'kafka');
};

const library = (): string => path.join(kafkaFolder(), 'target', 'lib');

/** Whether the version that pom.xml names is there already, so that neither Maven nor a network is needed. */
export function jarsArePresent(): boolean {
  const pom = readFileSync(path.join(kafkaFolder(), 'pom.xml'), 'utf8');
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(pom)?.[1];
  return existsSync(path.join(library(), `kafka_2.13-${version}.jar`));
}

/** The class path of the broker, fetched when it is missing. @throws Trouble when Maven cannot fetch it */
export async function findJars(onProgress?: (step: string) => void): Promise<string> {
  if (!jarsArePresent()) {
    onProgress?.('fetching Apache Kafka with Maven (45 MB, once)');
    await fetchJars();
  }
  return path.join(library(), '*');
}

/** Into a folder of its own that is then moved, so that target/lib is whole or not there, also with two at work. */
async function fetchJars(): Promise<void> {
  const unfinished = `${library()}.${process.pid}`;
  const failure = await runMaven([
    '-B',
    '-q',
    '-f',
    path.join(kafkaFolder(), 'pom.xml'),
    `-Dlib=${unfinished}`,
    'package',
  ]);
  if (failure !== undefined) {
    rmSync(unfinished, { recursive: true, force: true });
    throw trouble(`Maven could not fetch Apache Kafka: ${failure}`);
  }
  if (jarsArePresent()) return rmSync(unfinished, { recursive: true, force: true });
  if (existsSync(library()) && readdirSync(library()).length > 0) rmSync(library(), { recursive: true });
  renameSync(unfinished, library());
}

/** Undefined when it went well, else the first line of what Maven complained about. */
function runMaven(args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        said += text;
      });
    }
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) =>
      resolve(code === 0 ? undefined : (/^.*ERROR.*$/m.exec(said)?.[0] ?? `it ended with ${code}`)),
    );
  });
}
