import { inOrder } from './rows.js';

test('rows come in the order in which they were asked for, with null for those that are not there', () => {
  const found = [{ id: 'c' }, { id: 'a' }];
  expect(inOrder(['a', 'b', 'c', 'a'], found)).toEqual([{ id: 'a' }, null, { id: 'c' }, { id: 'a' }]);
});
