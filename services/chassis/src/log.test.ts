import { QueryFailedError } from 'typeorm';
import { describeError } from './log.js';

test('an error of the database is described without the values that it quotes', () => {
  const driver = Object.assign(new Error('invalid input syntax for type integer: "198501012010011001"'), {
    severity: 'ERROR',
    code: '22P02',
    detail: 'Key (nip)=(198501012010011001) already exists.',
  });
  const error = new QueryFailedError('select $1::int', ['198501012010011001'], driver);
  const described = describeError(error);
  expect(described).toMatchObject({
    type: 'QueryFailedError',
    code: '22P02',
    message: 'SQLSTATE 22P02',
    query: 'select $1::int',
  });
  expect(JSON.stringify(described)).not.toContain('1985');
});

test('any other error keeps its message, its place and its cause', () => {
  const error = new Error('outer\nsecond line', { cause: new Error('inner') });
  expect(describeError(error)).toMatchObject({
    type: 'Error',
    message: 'outer\nsecond line',
    cause: { message: 'inner' },
  });
  expect((describeError(error) as { stack: string }).stack).toMatch(/^ {4}at /);
  expect(describeError('thrown text')).toEqual({ message: 'something that is no error was thrown' });
});

test('an error that stands for several says what they say', () => {
  const refused = ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'];
  expect(describeError(new AggregateError(refused.map((text) => new Error(text))))).toMatchObject({
    message: refused.join('; '),
  });
});
