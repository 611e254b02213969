import { connectGraph, type Graph } from './graph.client.js';
import { portsFrom, urlsFrom } from './start.plan.js';
import { readSettings } from './start.settings.js';
import { askToken } from './token.ask.js';

/** Who does something, and where: the options that every command has. */
export const SIGN_IN_OPTIONS = {
  as: { type: 'string' },
  token: { type: 'string' },
  gateway: { type: 'string' },
} as const;

export const SIGN_IN_USAGE = `  --token <token>  a bearer token, where the identity provider is not the embedded one
  --gateway <url>  where the graph is; http://localhost:4000, or what MERIT_PORT says`;

export interface SignIn {
  readonly as?: string | undefined;
  readonly token?: string | undefined;
  readonly gateway?: string | undefined;
}

/** The graph as the person with a handle, or as whom a token names. */
export async function signIn({
  as = 'system',
  token,
  gateway,
}: SignIn): Promise<Graph & { readonly url: string; readonly dataDir: string }> {
  const { port, dataDir } = readSettings(process.env);
  const urls = urlsFrom(portsFrom(port));
  const url = (gateway ?? urls.gateway).replace(/\/(graphql)?\/?$/, '');
  const graph = connectGraph(url, token ?? (await askToken(urls.identity, as)));
  return { ...graph, url, dataDir };
}
