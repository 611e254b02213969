import { mergeResolvers } from './graph.js';

test('concepts that answer fields of the same types are merged, and none of them is changed', () => {
  const [plan, employee, course] = [() => 1, () => 2, () => 3];
  const people = { Query: { employee }, Employee: { plan } };
  const courses = { Query: { course } };
  expect(mergeResolvers([people, courses])).toEqual({ Query: { employee, course }, Employee: { plan } });
  expect(people).toEqual({ Query: { employee }, Employee: { plan } });
});
