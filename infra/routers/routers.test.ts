/** What other routers are told agrees with the supergraph, with `npm start`, and with what Merit's own gateway does. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { LIMITS } from '../../gateway/src/limits.js';
import { portsFrom, SERVICES, urlsFrom } from '../../scripts/src/start.plan.js';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const supergraph = read('../../gateway/supergraph.graphql');
const apollo = parse(read('apollo-router.yaml'));
const hive = parse(read('hive-router.yaml'));
const urls = urlsFrom(portsFrom(4000));
const TOLD = ['authorization', 'x-merit-purpose', 'x-request-id', 'traceparent'];

test('the supergraph has the services that the routers are told of, and no others', () => {
  const named = [...supergraph.matchAll(/@join__graph\(name: "(\w+)"/g)].map(([, name]) => name!);
  expect(named.sort()).toEqual([...SERVICES].sort());
  expect(Object.keys(apollo.override_subgraph_url).sort()).toEqual(named);
  expect(Object.keys(hive.override_subgraph_urls).sort()).toEqual(named);
});

test.each(SERVICES)('%s is where npm start has it, unless a variable says otherwise', (name) => {
  const variable = `${name.toUpperCase()}_URL`;
  expect(apollo.override_subgraph_url[name]).toBe(`\${env.${variable}:-${urls[name]}}`);
  expect(hive.override_subgraph_urls[name]).toEqual({ url: { from_env: variable, default: urls[name] } });
});

test('a service is told the token, the request and its trace, and no other header', () => {
  expect(apollo.headers).toEqual({ all: { request: TOLD.map((named) => ({ propagate: { named } })) } });
  expect(hive.headers).toEqual({ all: { request: [{ propagate: { named: TOLD } }] } });
});

test('the limits are those of the staff graph, as far as a router has them', () => {
  const { bodyBytes, tokens, depth, aliases, directives, cost } = LIMITS.staff;
  expect(apollo.limits.router).toMatchObject({ http_max_request_bytes: bodyBytes, parser_max_tokens: tokens });
  expect(hive.limits).toEqual({
    max_depth: { n: depth, flatten_fragments: true },
    max_aliases: { n: aliases },
    max_directives: { n: directives },
    max_tokens: { n: tokens },
    max_request_body_size: '1MiB',
  });
  expect(hive.demand_control).toMatchObject({ enabled: true, operation_cost: { max: cost, mode: 'enforce' } });
});

test('a request has as long as at the gateway', () => {
  const env = read('../../gateway/src/env.ts');
  const secondsOf = (name: string) => Number(new RegExp(`${name}: milliseconds.default\\((\\d+)_000`).exec(env)![1]);
  const [service, request] = [secondsOf('SUBGRAPH_TIMEOUT_MS'), secondsOf('REQUEST_TIMEOUT_MS')];
  expect(apollo.traffic_shaping).toEqual({ router: { timeout: `${request}s` }, all: { timeout: `${service}s` } });
  expect(hive.traffic_shaping.all.request_timeout).toBe(`${service}s`);
  expect(hive.traffic_shaping.router.request_timeout).toBe(`${request}s`);
});

test('nothing is offered that the gateway does not offer in production', () => {
  expect(apollo).toMatchObject({
    supergraph: { introspection: false },
    homepage: { enabled: false },
    sandbox: { enabled: false },
    batching: { enabled: false },
    apq: { enabled: false },
    csrf: { unsafe_disabled: false },
    cors: { policies: [] },
  });
  expect(hive).toMatchObject({
    introspection: false,
    laboratory: { enabled: false },
    websocket: { enabled: false },
    subscriptions: { enabled: false },
    csrf: { enabled: true },
    cors: { enabled: false },
  });
});

test('the services’ own errors leave as they are worded', () => {
  expect(apollo.include_subgraph_errors).toEqual({ all: true });
  expect(hive.error_masking.all).toEqual({
    enabled: false,
    extensions: { mode: 'allow', keys: ['code', 'field', 'params'] },
  });
});
