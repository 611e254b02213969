/** TLS and SASL for a set of brokers. */
import type { Certificates } from './certificates.js';
import { runTool } from './java.js';

/** Who may come in by password. */
export interface KafkaUser {
  readonly name: string;
  readonly password: string;
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'PLAIN';
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** What the listeners SSL (which asks clients for a certificate) and SASL_SSL (which asks for a password) need. */
export function securityProperties(files: Certificates, users: readonly KafkaUser[]): Record<string, string> {
  const module = 'org.apache.kafka.common.security';
  const plain = users
    .filter(({ mechanism }) => mechanism === 'PLAIN')
    .map(({ name, password }) => ` user_${name}=${quoted(password)}`)
    .join('');
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': files.brokerFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.caFile,
    'listener.name.ssl.ssl.client.auth': 'required',
    'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN',
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required${plain};`,
  };
}

/** Users of SCRAM as StorageTool takes them; those of PLAIN stand in the settings. */
export const scramUsers = (users: readonly KafkaUser[]): string[] =>
  users
    .filter(({ mechanism }) => mechanism !== 'PLAIN')
    .map(({ name, password, mechanism }) => `${mechanism}=[name=${name},password=${password}]`);

/** Makes a user of SCRAM, or changes a password, while the brokers run. */
export const alterUser = (jars: string, brokers: string, { name, password, mechanism }: KafkaUser): Promise<void> =>
  runTool(jars, 'kafka.admin.ConfigCommand', [
    ...['--bootstrap-server', brokers, '--alter', '--entity-type', 'users', '--entity-name', name],
    ...['--add-config', `${mechanism}=[password=${password}]`],
  ]);
