/** Where an import of one of the chassis's modules leads: to the suite's own, which has the chassis's behind it. */
import { existsSync } from 'node:fs';
import type { ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';

const HERE = new URL('.', import.meta.url).href;
const CHASSIS = /\/services\/chassis\/dist\/(?:\w+\/)?([\w.-]+)\.js$/;

/** The suite's own modules see the real ones, everyone else sees the suite's. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  const name = CHASSIS.exec(found.url)?.[1];
  if (name === undefined || context.parentURL?.startsWith(HERE)) return found;
  const own = new URL(`chassis.${name}.js`, HERE);
  return existsSync(fileURLToPath(own)) ? { ...found, url: own.href } : found;
};
