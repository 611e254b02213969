/**
 * A graph of two small subgraphs on real ports, an issuer of real tokens, and the gateway before them: for what the
 * gateway does by itself, whatever the services are.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { createVerifier } from '@merit/chassis/api/identity';
import { createLog } from '@merit/chassis/log';
import { graphql, parse } from 'graphql';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { composeGraph } from '../../scripts/src/compose/graph.js';
import { LIMITS, type Limits } from '../src/limits.js';
import { type GatewayOptions, startGateway } from '../src/server.js';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

export const PEOPLE = `${link}
  type Query { employee(id: ID!): Employee  slow: String  strict: Strict!  pick(colour: Colour, size: Size): String }
  type Mutation { rename(id: ID!, name: String!): Employee  dawdle: String }
  type Employee @key(fields: "id") { id: ID!  name: String  boss: Employee  colleagues: [Employee!]! }
  type Strict { must: String! }
  enum Colour { RED GREEN }
  input Size { width: Int! }`;

export const SCORES = `${link}
  type Employee @key(fields: "id") { id: ID!  score: Float  band: String }`;

/** What happens when a field is asked for; a value stands for itself. */
export type Behaviour = Record<string, unknown>;

/** Listens on a free port, and forgets nothing that was asked of it. */
async function listen(handle: (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void>) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    await handle(request, response, Buffer.concat(chunks).toString());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

export interface SmallSubgraph {
  readonly url: string;
  readonly asked: { headers: IncomingHttpHeaders; query: string; variables?: Record<string, unknown> }[];
  /** Answers every request by hand from now on, whatever was asked. */
  answerWith(raw: ((response: ServerResponse) => void) | null): void;
  stop(): Promise<void>;
}

export async function startSubgraph(sdl: string, behaviour: Behaviour): Promise<SmallSubgraph> {
  const schema = buildSubgraphSchema({
    typeDefs: parse(sdl),
    resolvers: { Employee: { __resolveReference: (reference: object) => ({ ...behaviour, ...reference }) } } as never,
  });
  const asked: SmallSubgraph['asked'] = [];
  let raw: ((response: ServerResponse) => void) | null = null;
  const { server, url } = await listen(async (request, response, body) => {
    const { query, variables } = JSON.parse(body);
    asked.push({ headers: request.headers, query, variables });
    if (raw) return raw(response);
    const result = await graphql({ schema, source: query, variableValues: variables, rootValue: behaviour });
    response.setHeader('content-type', 'application/json; charset=utf-8').end(JSON.stringify(result));
  });
  return { url: `${url}/graphql`, asked, answerWith: (with_) => (raw = with_), stop: () => close(server) };
}

/** An OpenID provider as far as a verifier looks: discovery, keys, and tokens signed with the newest of them. */
export async function startIssuer() {
  const newKey = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
  };
  const keys = [await newKey('k1')];
  let issuer = '';
  const { server, url } = await listen(async (request, response) => {
    const about = request.url?.includes('openid-configuration')
      ? { issuer, jwks_uri: `${issuer}/jwks` }
      : { keys: keys.map(({ jwk }) => jwk) };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(about));
  });
  issuer = url;
  const token = (claims: Record<string, unknown>, { expires = '5m', audience = 'merit' } = {}) => {
    const { kid, privateKey } = keys.at(-1)!;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(privateKey);
  };
  /** Tells a new key beside those before, and signs with it. */
  const rotate = async () => void keys.push(await newKey(`k${keys.length + 1}`));
  return { issuer, token, rotate, stop: () => close(server) };
}

export interface SmallGraph {
  readonly url: string;
  readonly people: SmallSubgraph;
  readonly scores: SmallSubgraph;
  readonly token: Awaited<ReturnType<typeof startIssuer>>['token'];
  readonly rotateKeys: () => Promise<void>;
  stopIssuer(): Promise<void>;
  /** Posts a query and gives status, headers and body. */
  ask(query: string, options?: { variables?: object; headers?: Record<string, string> }): Promise<Answer>;
  /** Ends the gateway, letting it finish what is under way. */
  stopGateway(): Promise<void>;
  stop(): Promise<void>;
}
// biome-ignore lint/suspicious/noExplicitAny: a GraphQL answer is what the query asked for
export type Answer = { status: number; headers: Headers; text: string; body: any };

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? JSON.parse(text) : null,
  };
}

export async function startSmallGraph(
  people: Behaviour,
  scores: Behaviour,
  {
    limits = LIMITS.staff,
    planned = [],
    ...over
  }: Partial<GatewayOptions> & { limits?: Limits; planned?: readonly string[] } = {},
): Promise<SmallGraph> {
  const [issuer, first, second] = [
    await startIssuer(),
    await startSubgraph(PEOPLE, people),
    await startSubgraph(SCORES, scores),
  ];
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    contracts: [
      {
        name: 'staff',
        prefix: '',
        identified: true,
        anonymous: true,
        introspection: over.development ?? false,
        origins: [],
        limits,
        planned,
        known: null,
        supergraph: composeGraph(
          [
            { name: 'people', sdl: PEOPLE },
            { name: 'scores', sdl: SCORES },
          ],
          'scalar Unused',
        ).supergraph,
      },
    ],
    subgraphs: { people: first.url, scores: second.url },
    verify: createVerifier({ issuer: issuer.issuer, audience: 'merit' }),
    log: createLog('gateway', 'silent'),
    development: false,
    subgraphTimeoutMs: 10_000,
    requestTimeoutMs: 15_000,
    ...over,
  });
  let stopping: Promise<void> | undefined;
  const stopGateway = () => {
    stopping ??= gateway.stop();
    return stopping;
  };
  return {
    url: gateway.url,
    people: first,
    scores: second,
    token: issuer.token,
    rotateKeys: issuer.rotate,
    stopIssuer: issuer.stop,
    ask: async (query, { variables, headers } = {}) =>
      answerOf(
        await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ query, variables }),
        }),
      ),
    stopGateway,
    async stop() {
      await stopGateway();
      await Promise.all([issuer.stop(), first.stop(), second.stop()]);
    },
  };
}
