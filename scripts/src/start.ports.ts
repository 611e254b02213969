import { portIsFree, stablePort } from '@merit/infra/process';
import { portsFrom } from './start.plan.js';

/** A gateway's port with which all ports that follow from it are free, and stay so for what is started on them again. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const port = await stablePort();
    const free = await Promise.all(Object.values(portsFrom(port)).map(portIsFree));
    if (free.every(Boolean)) return port;
  }
}
