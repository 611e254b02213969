import { describeError } from '../log.js';
import { explained } from './transport.kafka.trouble.js';

const refused = () =>
  Object.assign(new Error('Connection error: connect ECONNREFUSED'), { code: 'ECONNREFUSED', broker: 'b1:9092' });

test('an explanation says what to do, and the original stands behind it, in the log too', () => {
  const original = new Error('gave up after 4 retries', { cause: refused() });
  const explanation = explained(original);
  expect(explanation.message).toMatch(/^Nobody listens .* \(b1:9092\)\.$/);
  expect(explanation.cause).toBe(original);
  expect(describeError(explanation)).toMatchObject({
    type: 'KafkaTrouble',
    cause: { message: 'gave up after 4 retries', cause: { code: 'ECONNREFUSED' } },
  });
});

test('what is explained already stays as it is, however often it is thrown on', () => {
  const explanation = explained(refused());
  expect(explained(explanation)).toBe(explanation);
});

test('what is not known stays as it is', () => {
  const unknown = new Error('something else');
  expect(explained(unknown)).toBe(unknown);
});
