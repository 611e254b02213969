import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { keycloakAvailable, realmFile } from './keycloak.home.js';

const text = readFileSync(realmFile(), 'utf8');
const realm = JSON.parse(text);

test('a machine without Java is told so in one line', () => {
  const { JAVA_HOME } = process.env;
  process.env['JAVA_HOME'] = tmpdir();
  try {
    const why = 'Keycloak needs Java 17 or newer, and there is none in PATH.';
    expect(keycloakAvailable()).toEqual({ ok: false, why });
  } finally {
    if (JAVA_HOME === undefined) delete process.env['JAVA_HOME'];
    else process.env['JAVA_HOME'] = JAVA_HOME;
  }
});

describe('the realm that is committed', () => {
  test('holds no account and no secret: what is secret is named by a variable', () => {
    expect(realm).not.toHaveProperty('users');
    const secrets = [...text.matchAll(/"(?:\w*[sS]ecret|password|privateKey)": "([^"]*)"/g)].map(([, value]) => value);
    expect(secrets).toEqual([expect.stringMatching(/^\$\{MERIT_PARTNER_SECRET\}$/)]);
  });

  test('lets nobody give a password to a page, and no token come by way of an address', () => {
    for (const client of realm.clients) {
      expect(client).toMatchObject({ directAccessGrantsEnabled: false, implicitFlowEnabled: false });
    }
  });

  test('has no client of the audience’s name, whose id tokens would pass for access tokens', () => {
    expect(realm.clients.map(({ clientId }: { clientId: string }) => clientId)).toEqual(['merit-web', 'merit-partner']);
  });
});
