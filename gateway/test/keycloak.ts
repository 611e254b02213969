/** A Keycloak as its clients and its administrator use it: by HTTP, with cookies and forms as a browser would. */
import { createHash, randomBytes } from 'node:crypto';
import type { RunningKeycloak } from '../../infra/identity/keycloak.js';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}
/** What the token endpoint says. */
export type TokenAnswer = Partial<Tokens> & { readonly status: number; readonly error?: string };

/** A client that people sign in with, and where it wants them back. */
export interface WebClient {
  readonly id: string;
  readonly redirectUri: string;
}

const endpoint = (keycloak: RunningKeycloak, name: string) => `${keycloak.issuer}/protocol/openid-connect/${name}`;

export async function askToken(keycloak: RunningKeycloak, form: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(endpoint(keycloak, 'token'), { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, ...((await response.json()) as object) };
}

/** The claims and the header of a token, unverified. */
export function read(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header!), claims: JSON.parse(claims!) };
}

/** Opens the page to sign in on; where it is refused, where the browser is sent instead. */
export async function openSignIn(keycloak: RunningKeycloak, client: WebClient, pkce: Record<string, string>) {
  const asked = new URLSearchParams({
    ...{ client_id: client.id, redirect_uri: client.redirectUri, response_type: 'code', scope: 'openid', state: 's' },
    ...pkce,
  });
  const page = await fetch(`${endpoint(keycloak, 'auth')}?${asked}`, { redirect: 'manual' });
  const cookie = page.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const action = /<form[^>]+action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&');
  return { location: page.headers.get('location'), cookie, action };
}

/** Fills the form; where the browser is sent then, or the page that says no. */
export async function submit(action: string, cookie: string, form: { username: string; password: string }) {
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(form).toString();
  const answer = await fetch(action, { method: 'POST', redirect: 'manual', headers, body });
  return { location: answer.headers.get('location'), page: await answer.text() };
}

/** The whole authorization-code flow with PKCE. @throws Error with what the page said, when there is no code at its end */
export async function signIn(
  keycloak: RunningKeycloak,
  client: WebClient,
  person: { username: string; password: string },
  verifierSent?: string,
): Promise<TokenAnswer> {
  const verifier = randomBytes(32).toString('base64url');
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  const { action, cookie } = await openSignIn(keycloak, client, { code_challenge, code_challenge_method: 'S256' });
  const { location, page } = await submit(action!, cookie, person);
  const code = location && new URL(location).searchParams.get('code');
  if (!code) throw new Error(/kc-feedback-text[^>]*>([^<]+)|input-error[^>]*>\s*([^<]+)/.exec(page)?.[0] ?? page);
  return askToken(keycloak, {
    ...{ grant_type: 'authorization_code', client_id: client.id, redirect_uri: client.redirectUri, code },
    code_verifier: verifierSent ?? verifier,
  });
}

export const refresh = (keycloak: RunningKeycloak, client: WebClient, token: string): Promise<TokenAnswer> =>
  askToken(keycloak, { grant_type: 'refresh_token', client_id: client.id, refresh_token: token });

export async function signOut(keycloak: RunningKeycloak, client: WebClient, refreshToken: string): Promise<number> {
  const body = new URLSearchParams({ client_id: client.id, refresh_token: refreshToken });
  return (await fetch(endpoint(keycloak, 'logout'), { method: 'POST', body })).status;
}

/** Asks the REST interface of the realm as the administrator, whose tokens are good for a minute. @throws Error */
export async function administer<T>(
  keycloak: RunningKeycloak,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const signedIn = await fetch(`${keycloak.url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...keycloak.admin }),
  });
  const { access_token } = (await signedIn.json()) as Tokens;
  const response = await fetch(`${keycloak.url}/admin/realms/merit${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? { location: response.headers.get('location') } : JSON.parse(text)) as T;
}

/** Makes a person who can sign in; gives the `sub` of their tokens. */
export async function addPerson(
  keycloak: RunningKeycloak,
  { username, password }: { username: string; password: string },
  attributes: Record<string, string[]> = {},
): Promise<string> {
  const { location } = await administer<{ location: string }>(keycloak, 'POST', '/users', {
    ...{ username, enabled: true, firstName: username, lastName: 'Contoh', email: `${username}@example.go.id` },
    ...{ emailVerified: true, attributes, credentials: [{ type: 'password', value: password, temporary: false }] },
  });
  return location.split('/').at(-1)!;
}
