/** GraphQL over HTTP, by the specification's own audit, on each contract. */

import { PUBLIC } from '@merit/chassis/api/viewer';
import { createLog } from '@merit/chassis/log';
import { auditServer } from 'graphql-http';
import { CONTRACT_NAMES, readContracts } from '../src/contracts.js';
import { startGateway } from '../src/server.js';

const NOWHERE = 'http://127.0.0.1:9/graphql';

describe.each(CONTRACT_NAMES)('the %s contract', (name) => {
  test('speaks GraphQL over HTTP as the specification says', async () => {
    const gateway = await startGateway({
      host: '127.0.0.1',
      port: 0,
      contracts: await readContracts([name], { development: true, origins: [] }),
      subgraphs: { personnel: NOWHERE, performance: NOWHERE, competency: NOWHERE, feedback: NOWHERE },
      verify: async () => PUBLIC,
      log: createLog('gateway', 'silent'),
      development: true,
      subgraphTimeoutMs: 1_000,
      requestTimeoutMs: 2_000,
    });
    const results = await auditServer({
      url: `${gateway.url}${name === 'staff' ? '' : `/${name}`}/graphql`,
      // Queries by GET are for those who send a header that a foreign page cannot.
      fetchFn: (url: string, init: RequestInit = {}) =>
        fetch(url, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } }),
    });
    await gateway.stop();
    expect(results.length).toBeGreaterThan(50);
    expect(
      results.flatMap((found) =>
        found.status === 'ok' ? [] : [`${found.status} ${found.id} ${found.name}: ${found.reason}`],
      ),
    ).toEqual([]);
  }, 60_000);
});
