import { complaintSecret, hashOf, opens, publicNumber, readNumber, tokensOf } from './secret.js';

const key = Buffer.from('one key');

test('the tokens of a batch are the same each time, all different, and others with another key or batch', () => {
  const tokens = tokensOf(key, 'b1', 100);
  expect(tokensOf(key, 'b1', 100)).toEqual(tokens);
  const others = [...tokensOf(key, 'b2', 100), ...tokensOf(Buffer.from('another'), 'b1', 100)];
  expect(new Set([...tokens, ...others]).size).toBe(300);
  expect(tokens.every((token) => Buffer.from(token, 'base64url').length === 32)).toBe(true);
});

test('what is stored of a token is not the token', () => {
  const [token] = tokensOf(key, 'b1', 1);
  expect(hashOf(token!).toString('base64url')).not.toBe(token);
});

test('a secret opens its own complaint only', () => {
  const secret = complaintSecret(key, 'c1');
  expect(opens(key, 'c1', secret)).toBe(true);
  expect(opens(key, 'c2', secret)).toBe(false);
  expect(opens(Buffer.from('another'), 'c1', secret)).toBe(false);
  expect(opens(key, 'c1', '')).toBe(false);
});

test('a public number is read as it was given, however it is typed', () => {
  const number = publicNumber(new Uint8Array([0, 1, 31, 18, 19, 255, 128, 7, 8, 9]));
  expect(number).toBe('01ZJKZ0789');
  expect(['01zjk-z0789', ' O1ZJK Z0789', 'olzjk-zo789'].map(readNumber)).toEqual([number, number, number]);
});
