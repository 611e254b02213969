/**
 * A real identity server before the real system: people sign in by the authorization-code flow with PKCE, a partner's
 * machine by its client credentials, and both ask the graph. Needs Java 17, and Maven once.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { keycloakAvailable, type RunningKeycloak, startKeycloak } from '../../infra/identity/keycloak.js';
import { stablePort } from '../../infra/process.js';
import { connectGraph } from '../../scripts/src/graph.client.js';
import { type RunningMerit, startMerit } from '../../scripts/src/processes.js';
import { importRows } from '../../scripts/src/seed/graph.js';
import { grant, registerAgency } from '../../scripts/src/seed/staff.js';
import { freePorts } from '../../scripts/src/start.ports.js';
import { eventually } from './eventually.js';
import { addPerson, administer, askToken, openSignIn, read, refresh, signIn, signOut } from './keycloak.js';

const required = process.env['REQUIRE_KEYCLOAK'] === '1';
const available = keycloakAvailable();
if (!available.ok && !required) console.warn(`\n*** THE KEYCLOAK TESTS ARE SKIPPED: ${available.why} ***\n`);

const ORIGIN = 'http://127.0.0.1:4000';
const WEB = { id: 'merit-web', redirectUri: `${ORIGIN}/callback` };
const OPERATOR = { username: 'operator', password: 'the operator of the tests' };
const SITI = { username: 'siti', password: 'a person of the tests' };
const NIP = '199001012015012901';

(available.ok || required ? describe : describe.skip)('with Keycloak', () => {
  let folder: string;
  let keycloak: RunningKeycloak;
  let merit: RunningMerit;
  let employeeId: string;
  let sitiId: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'merit keycloak '));
    const options = { dataDir: path.join(folder, 'keycloak'), port: await stablePort(), webOrigin: ORIGIN };
    keycloak = await startKeycloak({ ...options, onProgress: (step) => process.stderr.write(`${step}\n`) });
    const operatorId = await addPerson(keycloak, OPERATOR);
    const env = { OIDC_ISSUER: keycloak.issuer, MERIT_FIRST_ADMIN: operatorId };
    merit = await startMerit({
      ...{ port: await freePorts(), dataDir: path.join(folder, 'merit'), durable: false },
      beside: (name) => ({ args: [], env: name === 'identity' ? {} : env }),
    });
    employeeId = await enterSiti(operatorId);
    sitiId = await addPerson(keycloak, SITI, { merit_employee: [employeeId] });
  }, 1_200_000);
  afterAll(async () => {
    await merit?.stop();
    await keycloak?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** The operator signs in and enters an agency with one unit and one person. */
  async function enterSiti(operatorId: string): Promise<string> {
    const operator = connectGraph(merit.gatewayUrl, (await signIn(keycloak, WEB, OPERATOR)).access_token!);
    const agencyId = await registerAgency(operator, { name: 'Kota Contoh', timeZone: 'Asia/Jakarta' } as never);
    await grant(operator, { subject: operatorId, role: 'HR', agencyId, validFrom: '2026-01-01' });
    await importRows(operator, 'importUnits', 'ImportUnitsInput', { agencyId }, [
      { code: 'DINAS', name: 'Dinas Pelayanan', kind: 'PERANGKAT_DAERAH', parentCode: null, validFrom: '2020-01-01' },
    ]);
    await importRows(operator, 'importEmployees', 'ImportEmployeesInput', { agencyId }, [
      {
        ...{ nip: NIP, name: 'Siti Aminah', unitCode: 'DINAS', positionTitle: 'Pranata Layanan', leading: false },
        ...{ positionKind: 'FUNGSIONAL', serviceFrom: '2015-01-01', kind: 'PNS', assignmentKind: 'DEFINITIF' },
        ...{ decreeNumber: 'SK/1', decreeDate: '2021-01-04', validFrom: '2021-02-01' },
      },
    ]);
    const { employeesByNip } = await operator.ask<{ employeesByNip: { employee: { id: string } }[] }>(
      'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }',
      { agencyId, nips: [NIP] },
    );
    await operator.close();
    return employeesByNip[0]!.employee.id;
  }

  async function ask(url: string, token: string, query: string, variables = {}) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a GraphQL answer is what the query asked for
    return { status: response.status, ...((await response.json()) as { data?: any; errors?: any[] }) };
  }
  const staff = (token: string, query: string, variables = {}) =>
    ask(`${merit.gatewayUrl}/graphql`, token, query, variables);
  const partner = (token: string, query: string) => ask(`${merit.gatewayUrl}/partner/graphql`, token, query);
  const codesOf = ({ errors = [] }: { errors?: { extensions: { code: string } }[] }) =>
    errors.map(({ extensions }) => extensions.code);
  const machine = (secret = keycloak.partnerSecret) =>
    askToken(keycloak, { grant_type: 'client_credentials', client_id: 'merit-partner', client_secret: secret });

  const ME = '{ me { id name } }';
  const siti = () => ({ id: employeeId, name: 'Siti Aminah' });

  describe('a person', () => {
    test('signs in with PKCE, and the gateway and a service know who it is', async () => {
      const { access_token } = await signIn(keycloak, WEB, SITI);
      expect(read(access_token!).claims).toMatchObject({ sub: sitiId, aud: 'merit', merit_employee: employeeId });
      expect(await staff(access_token!, ME)).toEqual({ status: 200, data: { me: siti() } });
      expect(await ask(merit.urls.personnel, access_token!, ME)).toEqual({ status: 200, data: { me: siti() } });
    });

    test('is not let in without PKCE, with another’s code, or with a wrong password', async () => {
      const { location } = await openSignIn(keycloak, WEB, {});
      expect(new URL(location!).searchParams.get('error')).toBe('invalid_request');
      const stolen = await signIn(keycloak, WEB, SITI, 'v'.repeat(43));
      expect(stolen).toMatchObject({ status: 400, error: 'invalid_grant' });
      await expect(signIn(keycloak, WEB, { ...SITI, password: 'a guess' })).rejects.toThrow();
      const elsewhere = { ...WEB, redirectUri: 'http://127.0.0.1:4000.example/callback' };
      expect(await openSignIn(keycloak, elsewhere, {})).toMatchObject({ location: null, action: undefined });
    });

    test('has in the token nothing that says more of them than who they are', async () => {
      const { access_token } = await signIn(keycloak, WEB, SITI);
      expect(Object.keys(read(access_token!).claims).sort()).toEqual(
        ['aud', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'merit_employee', 'scope', 'sid', 'sub', 'typ'].sort(),
      );
    });

    test('cannot become another by changing their account, and nobody is made an employee of no id', async () => {
      const page = { id: 'account-console', redirectUri: `${keycloak.issuer}/account/` };
      const { access_token } = await signIn(keycloak, page, SITI);
      const changed = await fetch(`${keycloak.issuer}/account`, {
        method: 'POST',
        headers: {
          ...{
            authorization: `Bearer ${access_token}`,
            accept: 'application/json',
            'content-type': 'application/json',
          },
        },
        body: JSON.stringify({
          ...{ username: SITI.username, firstName: 'siti', lastName: 'Contoh', email: 'siti@example.go.id' },
          attributes: { merit_employee: ['0197a000-0000-7000-8000-000000000002'] },
        }),
      });
      expect(changed.status).toBe(400);
      expect(read((await signIn(keycloak, WEB, SITI)).access_token!).claims['merit_employee']).toBe(employeeId);
      const nobody = { username: 'nobody', password: 'x' };
      await expect(addPerson(keycloak, nobody, { merit_employee: [NIP] })).rejects.toThrow(/400/);
      // That token is for the account's page, and not for us.
      expect(await staff(access_token!, ME)).toMatchObject({ status: 401 });
    });

    test('is not known by the token that tells a page who signed in, nor by one to refresh with', async () => {
      const tokens = await signIn(keycloak, WEB, SITI);
      const { id_token } = tokens as { id_token?: string };
      for (const token of [id_token!, tokens.refresh_token!]) {
        expect(codesOf(await staff(token, ME))).toEqual(['UNAUTHENTICATED']);
      }
    });
  });

  describe('a partner’s machine', () => {
    const UNITS = '{ agencies(first: 5) { edges { node { name } } } }';
    test('gets a token by its secret, and the partner contract answers it', async () => {
      const { access_token } = await machine();
      const { claims } = read(access_token!);
      expect(claims).toMatchObject({ aud: 'merit', merit_client: 'merit-partner' });
      expect(claims).not.toHaveProperty('merit_employee');
      expect(await partner(access_token!, UNITS)).toEqual({
        status: 200,
        data: { agencies: { edges: [{ node: { name: 'Kota Contoh' } }] } },
      });
      expect(await machine('a guess')).toMatchObject({ status: 401, error: 'unauthorized_client' });
    });

    test('is refused what is the staff’s', async () => {
      const { access_token } = await machine();
      expect(await staff(access_token!, ME)).not.toMatchObject({ data: { me: { name: expect.anything() } } });
      const asked = await staff(access_token!, 'query ($id: ID!) { employee(id: $id) { name nip } }', {
        id: employeeId,
      });
      expect(asked.data?.employee?.name ?? null).toBeNull();
      expect(JSON.stringify(asked)).not.toMatch(/Siti|199001/);
      const register =
        'mutation { registerAgency(input: { name: "Mitra", timeZone: "Asia/Jakarta" }) { agency { id } } }';
      expect(codesOf(await staff(access_token!, register))).toEqual(['FORBIDDEN']);
      expect(await partner(access_token!, register)).toMatchObject({ status: 400 });
    });
  });

  test('an operator’s machine looks after events from elsewhere, as docs/events.md says', async () => {
    const secret = 'the machine of the tests';
    const partner = (
      await administer<{ protocolMappers: { id: string; name: string }[] }[]>(
        keycloak,
        'GET',
        '/clients?clientId=merit-partner',
      )
    )[0]!;
    await administer(keycloak, 'POST', '/clients', {
      ...{ clientId: 'merit-operations', secret, publicClient: false, serviceAccountsEnabled: true },
      ...{ standardFlowEnabled: false, fullScopeAllowed: false, defaultClientScopes: ['basic'] },
      protocolMappers: partner.protocolMappers
        .filter(({ name }) => name === 'audience')
        .map(({ id: _, ...mapper }) => mapper),
    });
    writeFileSync(path.join(folder, 'secret'), secret);
    const env = {
      ...{ PATH: process.env['PATH'], HOME: folder, MERIT_GATEWAY: merit.gatewayUrl },
      MERIT_TOKEN_COMMAND: `curl -s ${keycloak.issuer}/protocol/openid-connect/token -d grant_type=client_credentials \
        -d client_id=merit-operations -d "client_secret=$(cat ~/secret)" | node -p 'JSON.parse(fs.readFileSync(0)).access_token'`,
    };
    const command = fileURLToPath(new URL('../../scripts/dist/merit.js', import.meta.url));
    const run = (...args: string[]) => promisify(execFile)(process.execPath, [command, ...args], { env });
    await expect(run('events', 'timeline')).rejects.toMatchObject({ stderr: expect.stringContaining('may not') });

    const form = { grant_type: 'client_credentials', client_id: 'merit-operations', client_secret: secret };
    const { sub: subject } = read((await askToken(keycloak, form)).access_token!).claims as { sub: string };
    const operator = connectGraph(merit.gatewayUrl, (await signIn(keycloak, WEB, OPERATOR)).access_token!);
    await grant(operator, { subject, role: 'ADMIN', validFrom: '2026-01-01' });
    await operator.close();
    await eventually(async () => {
      const shown = await run('events', 'timeline').catch(({ stderr }) => ({ stdout: '', stderr }));
      return /personnel +1/.test(shown.stdout) && /feedback +1/.test(shown.stdout);
    });
    await run('events', 'snapshot', '--service', 'feedback', '--reason', 'for a test');
    const { stdout } = await run('events', 'audit', '--service', 'feedback', '--json');
    expect(JSON.parse(stdout).entries).toMatchObject([{ action: 'snapshotEvents', doneBy: `operator/${subject}` }]);
  }, 120_000);

  test('when the key is changed, tokens by the old one and by the new one are both good, at the gateway and behind it', async () => {
    const before = (await signIn(keycloak, WEB, SITI)).access_token!;
    expect(await staff(before, ME)).toMatchObject({ status: 200 });
    await administer(keycloak, 'POST', '/components', {
      ...{ name: 'a newer key', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider' },
      config: { priority: ['200'], enabled: ['true'], active: ['true'], algorithm: ['RS256'], keySize: ['2048'] },
    });
    const tokens = await Promise.all(Array.from({ length: 10 }, () => machine()));
    const after = (await signIn(keycloak, WEB, SITI)).access_token!;
    expect(read(after).header['kid']).not.toBe(read(before).header['kid']);
    const answers = await Promise.all([
      ...[before, after].flatMap((token) => [staff(token, ME), ask(merit.urls.personnel, token, ME)]),
      ...tokens.map(({ access_token }) => partner(access_token!, '{ agencies { edges { node { name } } } }')),
    ]);
    expect(answers.map(({ status, errors }) => [status, errors])).toEqual(answers.map(() => [200, undefined]));
  });

  test('who signs out gets no further token; the one in hand is good until it expires, within five minutes', async () => {
    const first = await signIn(keycloak, WEB, SITI);
    expect(await refresh(keycloak, WEB, first.refresh_token!)).toMatchObject({ status: 200 });
    // Each is good once, so that one which was stolen shows itself.
    expect(await refresh(keycloak, WEB, first.refresh_token!)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const second = await signIn(keycloak, WEB, SITI);
    expect(await signOut(keycloak, WEB, second.refresh_token!)).toBe(204);
    expect(await refresh(keycloak, WEB, second.refresh_token!)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const { exp, iat } = read(second.access_token!).claims as { exp: number; iat: number };
    expect(exp - iat).toBe(300);
    expect(await staff(second.access_token!, ME)).toMatchObject({ status: 200, data: { me: siti() } });
  });

  test('who was disabled gets no token, neither by signing in nor by refreshing', async () => {
    const tokens = await signIn(keycloak, WEB, SITI);
    const enable = (enabled: boolean) => administer(keycloak, 'PUT', `/users/${sitiId}`, { enabled });
    await enable(false);
    await expect(signIn(keycloak, WEB, SITI)).rejects.toThrow();
    expect(await refresh(keycloak, WEB, tokens.refresh_token!)).toMatchObject({ status: 400, error: 'invalid_grant' });
    await enable(true);
    expect(await signIn(keycloak, WEB, SITI)).toMatchObject({ status: 200 });
  });

  test('while it is down, who holds a token goes on, and the public with them', async () => {
    const { access_token } = await signIn(keycloak, WEB, SITI);
    const { access_token: another } = await machine();
    expect(await staff(access_token!, ME)).toMatchObject({ status: 200 });
    await keycloak.stop();
    await eventually(
      () =>
        fetch(keycloak.issuer).then(
          () => false,
          () => true,
        ),
      60_000,
    );
    expect(await staff(access_token!, ME)).toEqual({ status: 200, data: { me: siti() } });
    expect(await partner(another!, '{ agencies { edges { node { name } } } }')).toMatchObject({ status: 200 });
  });
});
