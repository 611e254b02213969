import { connectGraph, type Graph } from './graph.client.js';
import { printedBy, type TokenSource, tokenSource } from './graph.token.js';
import { portsFrom, urlsFrom } from './start.plan.js';
import { readSettings } from './start.settings.js';
import { askToken } from './token.ask.js';

/** Who does something, and where: the options that every command has. */
export const SIGN_IN_OPTIONS = {
  as: { type: 'string' },
  token: { type: 'string' },
  'token-command': { type: 'string' },
  gateway: { type: 'string' },
} as const;

export const SIGN_IN_USAGE = `  --token <token>  a bearer token, where the identity provider is not the embedded one; or MERIT_TOKEN
  --token-command <command>  what prints one, run anew when it is near its end; or MERIT_TOKEN_COMMAND
  --gateway <url>  where the graph is; http://localhost:4000, or what MERIT_GATEWAY or MERIT_PORT says`;

export interface SignIn {
  readonly as?: string | undefined;
  readonly token?: string | undefined;
  readonly 'token-command'?: string | undefined;
  readonly gateway?: string | undefined;
}

/** The graph as the person with a handle, or as whom a token names. */
export async function signIn(
  given: SignIn,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Graph & { readonly url: string; readonly dataDir: string }> {
  const { port, dataDir } = readSettings(env);
  const urls = urlsFrom(portsFrom(port));
  const url = (given.gateway ?? (env['MERIT_GATEWAY'] || urls.gateway)).replace(/\/(graphql)?\/?$/, '');
  const token = tokenSource(takerOf(given, env, urls.identity));
  await token(); // so that who cannot sign in is told before anything else
  return { ...connectGraph(url, token), url, dataDir };
}

/** Whether it is said who signs in. */
export const isSaid = (
  { as, token, 'token-command': command }: SignIn,
  env: NodeJS.ProcessEnv = process.env,
): boolean => Boolean(as ?? token ?? command ?? (env['MERIT_TOKEN'] || env['MERIT_TOKEN_COMMAND']));

/** Where a token comes from: what is typed goes before what the environment says. */
function takerOf(
  { as, token, 'token-command': command }: SignIn,
  env: NodeJS.ProcessEnv,
  identity: string,
): TokenSource {
  if (token !== undefined) return () => Promise.resolve(token);
  if (command !== undefined) return () => printedBy(command);
  if (as !== undefined) return () => askToken(identity, as);
  const [fixed, printing] = [env['MERIT_TOKEN'], env['MERIT_TOKEN_COMMAND']];
  if (fixed) return () => Promise.resolve(fixed);
  if (printing) return () => printedBy(printing);
  return () => askToken(identity, 'system');
}
