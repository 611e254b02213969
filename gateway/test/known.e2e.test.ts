/** A public page from what is kept, in the real system: fresh a moment after a change is answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, startWorld, type World, YEAR } from './world.js';

describe.each([
  ['the embedded log', () => undefined],
  ['Kafka', () => process.env['MERIT_TEST_KAFKA']],
])('through %s', (name, brokers) => {
  const run = name === 'Kafka' && !process.env['MERIT_TEST_KAFKA'] ? describe.skip : describe;
  run('a known document', () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ kafkaBrokers: brokers() });
    }, 240_000);
    afterAll(() => world?.stop(), 120_000);

    const page = async (id: string) => {
      const variables = encodeURIComponent(JSON.stringify({ id, year: YEAR }));
      const answer = await fetch(`${world.merit.gatewayUrl}/public/graphql?documentId=unit&variables=${variables}`);
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { data: { unit: { name: string } } }).data.unit;
    };
    const kept = async () => {
      const text = await (await fetch(`${world.merit.gatewayUrl}/metrics`)).text();
      return Number(/^merit_gateway_known_total\{outcome="kept"\} (\d+)/m.exec(text)?.[1] ?? 0);
    };

    test('is kept once all is quiet, and is right again a moment after each change', async () => {
      await eventually(async () => {
        await page(world.unitId);
        const before = await kept();
        await page(world.unitId);
        return (await kept()) > before;
      }, 60_000);
      for (let n = 1; n <= 5; n += 1) {
        const next = `Dinas ${n}`;
        const input = { unitId: world.unitId, name: next, validFrom: '2026-01-01' };
        await world
          .as('hr')
          .ask('mutation ($input: RenameUnitInput!) { renameUnit(input: $input) { unit { id } } }', { input });
        await eventually(async () => (await page(world.unitId)).name === next, 30_000);
        // And stays so: nothing that was read before comes back.
        for (let again = 0; again < 10; again += 1) {
          expect((await page(world.unitId)).name).toBe(next);
          await pause(20);
        }
      }
    }, 120_000);
  });
});
