/** The OpenID Connect provider itself: which tokens it gives, to whom, and for how long. */
import { type Configuration, errors, interactionPolicy, Provider, type ResourceServer } from 'oidc-provider';
import type { Keys } from './keys.js';
import type { People } from './people.js';

/** For programs on this machine: the token of a person by handle alone, without a browser. */
const PERSON_GRANT = 'urn:merit:grant:person';

/** The one API that tokens are for; the token names it by `audience`. */
const RESOURCE = 'urn:merit:graph';

const HOUR = 3600;

export interface ProviderOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: Keys;
  readonly people: People;
}

/** A provider whose access tokens are signed JWTs (RS256) that the gateway and the services can verify. */
export function createProvider({ issuer, audience, keys, people }: ProviderOptions): Provider {
  const resourceServer: ResourceServer = {
    audience,
    scope: '',
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
  const provider = new Provider(issuer, {
    jwks: keys.jwks as NonNullable<Configuration['jwks']>,
    cookies: { keys: keys.cookieKeys },
    clients: clients(),
    clientBasedCORS: (_ctx, origin) => /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(origin),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== RESOURCE) throw new errors.InvalidTarget();
          return resourceServer;
        },
      },
    },
    interactions: { policy: withoutConsent(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: grantEverything,
    findAccount: (_ctx, handle) => {
      const person = people.find(handle);
      return person && { accountId: handle, claims: () => ({ sub: handle, name: person.name }) };
    },
    // A token only identifies: the employee, or the partner agency's client. What they may do, personnel knows.
    extraTokenClaims: (_ctx, token) => {
      if (token.kind === 'ClientCredentials') return { merit_client: token.clientId };
      const { employeeId, clientId } = people.find(token.accountId) ?? {};
      if (clientId !== undefined) return { merit_client: clientId };
      return employeeId === undefined ? {} : { merit_employee: employeeId };
    },
    ttl: {
      AccessToken: 8 * HOUR,
      ClientCredentials: HOUR,
      AuthorizationCode: 60,
      IdToken: HOUR,
      RefreshToken: 8 * HOUR,
      Interaction: HOUR,
      Session: 8 * HOUR,
      Grant: 8 * HOUR,
    },
  });
  provider.registerGrantType<{ handle?: string }>(PERSON_GRANT, (ctx) => givePersonToken(ctx, people, resourceServer), [
    'handle',
  ]);
  return provider;
}

/** A program of a person's own machine (any port of it), and a partner agency's machine. */
const clients = (): NonNullable<Configuration['clients']> => [
  {
    client_id: 'merit-local',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', PERSON_GRANT],
    response_types: ['code'],
    redirect_uris: ['/', '/callback', '/graphql', '/graphiql'].flatMap((place) => [
      `http://localhost${place}`,
      `http://127.0.0.1${place}`,
    ]),
  },
  {
    client_id: 'merit-machine',
    client_secret: 'merit-machine',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  },
];

/** Whoever chooses a person on this machine has agreed. */
function withoutConsent() {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

const grantEverything: NonNullable<Configuration['loadExistingGrant']> = async ({ oidc }) => {
  const { client, session } = oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
};

type GrantContext = Parameters<Parameters<Provider['registerGrantType']>[1]>[0];

async function givePersonToken(ctx: GrantContext, people: People, info: ResourceServer): Promise<void> {
  const { provider, client, params } = ctx.oidc;
  const handle = String(params['handle'] ?? '');
  if (!people.find(handle))
    throw new errors.CustomOIDCProviderError('invalid_grant', `nobody has the handle ${handle}`);
  const grantId = await new provider.Grant({ clientId: client.clientId, accountId: handle }).save();
  const token = new provider.AccessToken({ accountId: handle, client, grantId, gty: 'person', scope: '' });
  token.resourceServer = new provider.ResourceServer(RESOURCE, info);
  ctx.oidc.entity('AccessToken', token);
  ctx.body = { access_token: await token.save(), expires_in: token.expiration, token_type: token.tokenType };
}
