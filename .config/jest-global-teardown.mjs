/** Stops what the global setup started, whether the tests passed or not. */
import { rmSync } from 'node:fs';

export default async function teardown() {
  const { started, folder } = globalThis.meritTestServers;
  await Promise.all(started.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}
