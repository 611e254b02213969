import { chanceOf } from '../seed/chance.js';
import { together } from './faults.deploy.js';
import { faults } from './faults.js';

const seeds = Array.from({ length: 50 }, (_, n) => `${n}`);
const drawn = (seed: string) => together(faults, chanceOf(seed));

test('no two of those that strike together have the same process in their hands', () => {
  for (const some of seeds.map(drawn)) {
    const held = some.flatMap(({ holds = [] }) => holds);
    expect(new Set(held).size).toBe(held.length);
    expect(new Set(some.map(({ name }) => name)).size).toBe(3);
  }
});

test('the seed decides which, and each has its turn', () => {
  expect(drawn('7').map(({ name }) => name)).toEqual(drawn('7').map(({ name }) => name));
  expect(new Set(Array.from({ length: 500 }, (_, n) => drawn(`x${n}`)).flat()).size).toBe(faults.length);
});
