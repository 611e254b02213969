import { type Command, findCommand, listCommands } from '../src/merit/command.js';
import { COMMANDS } from '../src/merit/commands.js';

const command = (name: string): Command => ({ name, parameters: '', summary: name, help: '', run: async () => 0 });
const two = [command('events lag'), command('scores rebuild')];

test('a command is found by its words, and what follows them is its own', () => {
  expect(findCommand(two, ['events', 'lag', 'x'])).toEqual([two[0], ['x']]);
});

test.each([
  [['events', 'lagg'], 'did you mean events lag?'],
  [['score', 'rebuild'], 'did you mean scores rebuild?'],
  [['nothing', 'of', 'the', 'kind'], '--help lists them'],
])('whoever types %j is told of what is near, and it ends with 2', (words, advice) => {
  expect(() => findCommand(two, words)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(advice), exitCode: 2 }),
  );
});

test('names are told apart, and the list fits a screen of 100 columns', () => {
  const names = COMMANDS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(
    listCommands(COMMANDS)
      .split('\n')
      .filter((line) => line.length > 100),
  ).toEqual([]);
});
