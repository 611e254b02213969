import fc from 'fast-check';
import { distance, nearest } from '../src/token.nearest.js';

const people = ['system', 'sari', 'sarah', 'budi', 'budi-hartono', 'dewi'];

test.each([
  ['sary', ['sari', 'sarah']],
  ['BUDI', ['budi', 'budi-hartono']],
  ['dwei', ['dewi']],
  ['zzzzzz', []],
])('whoever types %s is told of %j', (typed, expected) => {
  expect(nearest(typed, people)).toEqual(expected);
});

test('a distance is none from a word to itself, the same both ways, and no more than the longer word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
      expect(distance(one, one)).toBe(0);
      expect(distance(one, other)).toBe(distance(other, one));
      expect(distance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
    }),
  );
});
