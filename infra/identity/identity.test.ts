import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { freePort, until } from '../process.js';
import { type RunningIdentity, startIdentity } from './server.js';

const SARI = '0199d8a2-0000-7000-8000-000000000001';
const BUDI = '0199d8a2-0000-7000-8000-000000000002';
const people = [
  { handle: 'sari', employeeId: SARI, name: 'Sari <b>', description: 'civil registration officer' },
  { handle: 'budi', employeeId: BUDI, name: 'Budi', description: 'her supervisor' },
  { handle: 'partner', clientId: 'partner-client', name: 'Partner', description: 'a machine' },
];

describe('the embedded identity provider', () => {
  let folder: string;
  let peopleFile: string;
  let port: number;
  let identity: RunningIdentity;

  const start = () =>
    startIdentity({ host: '127.0.0.1', port, audience: 'merit', dataDir: path.join(folder, 'identity'), peopleFile });
  const askToken = async (form: Record<string, string>) => {
    const response = await fetch(`${identity.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
    return (await response.json()) as { access_token: string; error?: string; error_description?: string };
  };
  const tokenOf = (handle: string) =>
    askToken({ client_id: 'merit-local', grant_type: 'urn:merit:grant:person', handle });
  /** As the gateway and the services do it. */
  const verify = async (token: string): Promise<JWTPayload> => {
    const metadata = (await (await fetch(`${identity.issuer}/.well-known/openid-configuration`)).json()) as {
      jwks_uri: string;
    };
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
    const expected = { issuer: identity.issuer, audience: 'merit', algorithms: ['RS256'] };
    return (await jwtVerify(token, keys, expected)).payload;
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'merit identity '));
    peopleFile = path.join(folder, 'people.json');
    port = await freePort();
    identity = await start();
  });
  afterAll(async () => {
    await identity.stop();
    rmSync(folder, { recursive: true });
  });

  test('knows only the system before there are people, and people as soon as their file is there', async () => {
    const system = await verify((await tokenOf('system')).access_token);
    expect(system).toMatchObject({ sub: 'system', aud: 'merit' });
    expect(system).not.toHaveProperty('merit_employee');
    expect(await tokenOf('sari')).toMatchObject({
      error: 'invalid_grant',
      error_description: 'nobody has the handle sari',
    });
    writeFileSync(peopleFile, JSON.stringify(people));
    expect(await verify((await tokenOf('sari')).access_token)).toMatchObject({ sub: 'sari', merit_employee: SARI });
    writeFileSync(peopleFile, '[{ "handle"');
    expect(await verify((await tokenOf('budi')).access_token)).toMatchObject({ sub: 'budi', merit_employee: BUDI });
  });

  test('a handle of a partner agency’s machine names its client, and nobody’s record', async () => {
    const claims = await verify((await tokenOf('partner')).access_token);
    expect(claims).toMatchObject({ merit_client: 'partner-client' });
    expect(claims).not.toHaveProperty('merit_employee');
  });

  test("names a partner's machine as a client", async () => {
    const form = { client_id: 'merit-machine', client_secret: 'merit-machine', grant_type: 'client_credentials' };
    const claims = await verify((await askToken(form)).access_token);
    expect(claims).toMatchObject({ sub: 'merit-machine', merit_client: 'merit-machine' });
    expect(claims).not.toHaveProperty('merit_employee');
    expect(await askToken({ ...form, client_secret: 'guess' })).toMatchObject({ error: 'invalid_client' });
  });

  test('its tokens outlive a restart', async () => {
    writeFileSync(peopleFile, JSON.stringify(people));
    const { access_token } = await tokenOf('sari');
    await identity.stop();
    identity = await start();
    // The connections that fetch kept are closed by now, and it learns so only from trying.
    const answers = () =>
      fetch(`${identity.issuer}/health/live`).then(
        (response) => response.ok,
        () => false,
      );
    expect(await until(answers, 5_000)).toBe(true);
    expect(await verify(access_token)).toMatchObject({ sub: 'sari' });
  });

  test('a browser chooses a person and gets a code for a token', async () => {
    writeFileSync(peopleFile, JSON.stringify(people));
    const browse = browser();
    const verifier = 'a-verifier-that-is-long-enough-for-the-specification-of-pkce';
    const query = new URLSearchParams({
      client_id: 'merit-local',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://localhost:4999/callback',
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const page = await browse(`${identity.issuer}/auth?${query}`);
    expect(page.text).toContain('Sari &#60;b&#62;');
    const mistaken = await browse(page.url, new URLSearchParams({ named: 'nobody' }));
    expect(mistaken.text).toContain('Nobody has the handle nobody.');
    const back = await browse(page.url, new URLSearchParams({ handle: 'sari' }));
    const code = new URL(back.url).searchParams.get('code') ?? '';
    expect(back.url).toMatch(/^http:\/\/localhost:4999\/callback\?code=/);
    const { access_token } = await askToken({
      client_id: 'merit-local',
      grant_type: 'authorization_code',
      redirect_uri: 'http://localhost:4999/callback',
      code,
      code_verifier: verifier,
    });
    expect(await verify(access_token)).toMatchObject({ sub: 'sari', merit_employee: SARI, aud: 'merit' });
  });

  test('is ready, and answers to no other name', async () => {
    expect((await fetch(`${identity.issuer}/health/ready`)).status).toBe(200);
    const status = await new Promise((resolve) => {
      request({ port, host: '127.0.0.1', headers: { host: 'elsewhere.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(421);
  });
});

/** Follows redirections and keeps cookies, until it meets a page or leaves for another port. */
function browser() {
  const cookies = new Map<string, string>();
  return async (url: string, form?: URLSearchParams): Promise<{ url: string; text: string }> => {
    let response = await send(url, form);
    let where = url;
    for (;;) {
      const location = response.headers.get('location');
      if (location === null) return { url: where, text: await response.text() };
      const next = new URL(location, where).toString();
      if (new URL(next).port !== new URL(url).port) return { url: next, text: '' };
      where = next;
      response = await send(where);
    }
  };
  async function send(url: string, form?: URLSearchParams): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const init = { redirect: 'manual' as const, headers: { cookie } };
    const response = await fetch(url, form ? { ...init, method: 'POST', body: form } : init);
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    return response;
  }
}
