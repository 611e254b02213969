import { outOfTurn } from './faults.poison.js';

const effect = (sequence: number, ...places: number[]) => ({ subject: 'learning/1', sequence, places });

test('what waited took effect once each, in the order of its numbers', () => {
  expect(outOfTurn([effect(4, 10), effect(5, 11), { ...effect(1, 2), subject: 'learning/2' }])).toEqual([]);
});

test.each<[string, ReturnType<typeof effect>[], string[]]>([
  ['never', [effect(4, 10), effect(5)], ['learning/1 #5']],
  ['twice', [effect(4, 10, 11)], ['learning/1 #4']],
  ['before the one before it', [effect(4, 11), effect(5, 10)], ['learning/1 #5']],
])('what took effect %s is named', (_, effects, named) => {
  expect(outOfTurn(effects)).toEqual(named);
});
