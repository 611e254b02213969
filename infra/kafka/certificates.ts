/** Certificates for brokers on the loopback address and for their clients: made at start, good for a week, never kept elsewhere. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';

/** PEM files. */
export interface Certificates {
  /** The authority that signed the other two. */
  readonly caFile: string;
  /** A broker's key and certificate, in one file, as Kafka wants them. */
  readonly brokerFile: string;
  /** A client's, in two, as other programs want them. */
  readonly certFile: string;
  readonly keyFile: string;
}

const DAY_MS = 24 * 3_600_000;

/** Makes an authority, and with it a certificate for brokers on 127.0.0.1 and one for a client. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const life = {
    algorithm: 'sha256',
    keyType: 'ec',
    // A day back, for a machine whose clock is moved.
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + 7 * DAY_MS),
  } as const;
  const named = (value: string) => [{ name: 'commonName', value }];
  const authority = await generate(named('Merit test authority'), {
    ...life,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const signed = (name: string, use: { serverAuth: boolean; clientAuth: boolean }) =>
    generate(named(name), {
      ...life,
      ca,
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true },
        { name: 'extKeyUsage', ...use },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
  const broker = await signed('broker', { serverAuth: true, clientAuth: true });
  const client = await signed('client', { serverAuth: false, clientAuth: true });
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    caFile: write('ca.pem', authority.cert),
    brokerFile: write('broker.pem', `${broker.private}\n${broker.cert}`),
    certFile: write('client.pem', client.cert),
    keyFile: write('client.key', client.private),
  };
}
