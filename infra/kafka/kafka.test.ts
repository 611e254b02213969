import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf, freePort, portIsFree } from '../process.js';
import { kafkaAvailable, startKafka } from './kafka.js';

const available = kafkaAvailable().ok && process.env['MERIT_KAFKA_TESTS'] !== '0';

/** Asks a broker which versions of the protocol it speaks (ApiVersions, version 0); its error code, 0 when well. */
const askVersions = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const request = Buffer.from('0000000a001200000000002affff', 'hex');
      socket.write(request);
    });
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.readInt32BE(4) === 42 ? answer.readInt16BE(8) : -1);
    });
    socket.once('error', reject);
  });

(available ? test : test.skip)('a broker starts in a folder with a space, is adopted, answers, and stops', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit kafka '));
  const options = { dataDir: folder, port: await freePort(), controllerPort: await freePort() };
  const broker = await startKafka(options);
  try {
    expect(broker.brokers).toBe(`127.0.0.1:${options.port}`);
    expect(await askVersions(options.port)).toBe(0);
    const again = await startKafka({ ...options, port: await freePort() });
    expect(again).toMatchObject({ pid: broker.pid, brokers: broker.brokers });
  } finally {
    await broker.stop();
  }
  expect(commandOf(broker.pid)).toBeUndefined();
  expect(await portIsFree(options.port)).toBe(true);
  rmSync(folder, { recursive: true });
});

test('a machine without Java is told so in one line', () => {
  const { JAVA_HOME } = process.env;
  process.env['JAVA_HOME'] = tmpdir();
  try {
    expect(kafkaAvailable()).toEqual({ ok: false, why: 'Kafka needs Java 17 or newer, and there is none in PATH.' });
  } finally {
    if (JAVA_HOME === undefined) delete process.env['JAVA_HOME'];
    else process.env['JAVA_HOME'] = JAVA_HOME;
  }
});
