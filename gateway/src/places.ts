/** Who may come in: places for work, for bodies on their way and for connections, of which no caller gets all. */
import { isIPv6, type Socket } from 'node:net';
import { DomainError } from '@merit/chassis/errors';
import { registry } from '@merit/chassis/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';

/**
 * Requests that may be under way at once. Beyond it a request is turned away at once, for it would wait longer than it
 * may take: of 10,000 at once on two busy cores, those after the 400th were answered after more than 10 s.
 */
const MOST_UNDER_WAY = 256;
/** What may be on its way to us at once, by what the requests say of their length; an eighth of it for one caller. Bytes. */
const MOST_ARRIVING = 64 * 1024 * 1024;

const busy = new Gauge({
  name: 'merit_gateway_requests_under_way',
  help: 'Requests that are being answered. At 256 further ones are turned away, at 128 those of one caller.',
  registers: [registry],
});

/** A bounded amount of something that callers share, of which each may have a part. */
function shared(most: number, mostOfOne: number) {
  let taken = 0;
  const byCaller = new Map<string, number>();
  const mine = (caller: string) => byCaller.get(caller) ?? 0;
  return {
    taken: () => taken,
    fits: (caller: string, amount = 1) => taken + amount <= most && mine(caller) + amount <= mostOfOne,
    take(caller: string, amount = 1): void {
      taken += amount;
      byCaller.set(caller, mine(caller) + amount);
    },
    give(caller: string, amount = 1): void {
      taken -= amount;
      const left = mine(caller) - amount;
      if (left > 0) byCaller.set(caller, left);
      else byCaller.delete(caller);
    },
  };
}

export interface Places {
  /**
   * Lets a body come while there is work to be had for it. It takes no place yet: who sends it a byte a second keeps none
   * from others. @throws OVERLOADED
   */
  readonly arrive: (request: FastifyRequest, reply: FastifyReply, caller: string, bodyLimit: number) => void;
  /** Takes a place for work until the answer has left. @throws OVERLOADED */
  readonly enter: (reply: FastifyReply, caller: string) => void;
}

/** One caller has half of the places at most: a crowd that shares one token leaves the others theirs. */
export function openPlaces(most = MOST_UNDER_WAY): Places {
  const work = shared(most, most / 2);
  const bytes = shared(MOST_ARRIVING, MOST_ARRIVING / 8);
  return {
    arrive({ headers, raw }, reply, caller, bodyLimit) {
      // Chunked, it says nothing of its length. What says more than the limit is refused before it is read.
      const said = headers['transfer-encoding'] ? bodyLimit : Number(headers['content-length'] ?? 0);
      const amount = said > bodyLimit ? 0 : said;
      refuseGone(reply);
      if (!work.fits(caller) || !bytes.fits(caller, amount)) throw overloaded();
      bytes.take(caller, amount);
      let arrived = false;
      const done = () => {
        if (!arrived) bytes.give(caller, amount);
        arrived = true;
      };
      raw.once('end', done);
      reply.raw.once('close', done);
    },
    enter(reply, caller) {
      refuseGone(reply);
      if (!work.fits(caller)) throw overloaded();
      work.take(caller);
      busy.set(work.taken());
      reply.raw.once('close', () => {
        work.give(caller);
        busy.set(work.taken());
      });
    },
  };
}

/** Of a line that is closed by now no further event tells: it would keep its place for ever. */
function refuseGone({ raw }: FastifyReply): void {
  if (raw.destroyed) throw overloaded();
}

const overloaded = () =>
  new DomainError('OVERLOADED', 'Too much work is waiting. Try again in a few seconds.', { retryAfterSeconds: 1 });

/** One address has half of the connections at most; a trusted proxy, which speaks for many, all of them. */
export function shareConnections(app: FastifyInstance, most: number, isProxy: boolean): void {
  if (isProxy) return;
  const open = shared(most, most / 2);
  app.server.on('connection', (socket: Socket) => {
    const address = addressOf(socket.remoteAddress ?? '');
    if (!open.fits(address)) return void socket.destroy();
    open.take(address);
    socket.once('close', () => open.give(address));
  });
}

/** Whom an address stands for: itself, or for IPv6 its /64, of which anyone has all 2^64 addresses. */
export function addressOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  if (/^::ffff:[\d.]+$/i.test(ip)) return ip.slice(7);
  const [head = '', tail = ''] = ip.replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = ip.includes('::') ? Array(8 - before.length - after.length).fill('0') : [];
  const groups = [...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}
