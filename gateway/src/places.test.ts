import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, openPlaces } from './places.js';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001:0db8:0000:0001:ffff::1', '2001:db8:0:1::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['nowhere', 'nowhere'],
])('%s stands for %s', (ip, expected) => expect(addressOf(ip)).toBe(expected));

/** A request and its answer, as far as places look at them. */
const exchange = () => {
  const raw = Object.assign(new EventEmitter(), { destroyed: false });
  const request = { headers: { 'content-length': '1000' }, raw: new EventEmitter() };
  return { raw, request: request as unknown as FastifyRequest, reply: { raw } as unknown as FastifyReply };
};

test('who left while a token was judged takes no place, which nothing would give back', () => {
  const places = openPlaces(4);
  for (let n = 0; n < 10; n += 1) {
    const { raw, request, reply } = exchange();
    raw.destroyed = true;
    expect(() => places.enter(reply, 'one')).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    expect(() => places.arrive(request, reply, 'one', 10_000)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
  }
  const [first, second, third] = [exchange(), exchange(), exchange()];
  places.enter(first.reply, 'one');
  places.enter(second.reply, 'one');
  expect(() => places.enter(third.reply, 'one')).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
  first.raw.emit('close');
  places.enter(third.reply, 'one');
});
