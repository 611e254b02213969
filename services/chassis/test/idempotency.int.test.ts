import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { load, type ServiceContext } from '../src/api/context.js';
import { once, removeExpired } from '../src/api/idempotency.js';
import { PUBLIC, type Viewer } from '../src/api/viewer.js';
import { chassisMigrations } from '../src/database.js';
import { DomainError } from '../src/errors.js';
import { testContext, testDatabase } from '../src/testing.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations], poolSize: 10 });
const ani: Viewer = { kind: 'EMPLOYEE', subject: 'ani', employeeId: randomUUID() };
const budi: Viewer = { kind: 'EMPLOYEE', subject: 'budi', employeeId: randomUUID() };

beforeAll(() => database.db.query('create table account (id text primary key, balance int not null)'));
beforeEach(() => database.db.query(`truncate account, idempotency; insert into account values ('a', 0), ('b', 0)`));

const as = (viewer: Viewer, over: Partial<ServiceContext> = {}) => testContext(database.db, viewer, over);
const balance = async (id = 'a') =>
  (await database.db.query('select balance from account where id = $1', [id]))[0].balance;
const keys = async () => (await database.db.query('select count(*)::int as n from idempotency'))[0].n;

interface Deposit {
  readonly amount: number;
  readonly on?: Date;
  readonly note?: string | null;
  readonly idempotencyKey?: string | null;
}
const deposit = (input: Deposit, viewer: Viewer = ani, mutation = 'deposit') =>
  once(as(viewer), mutation, input, async (tx) => {
    const [[row]] = await tx.query(`update account set balance = balance + $1 where id = 'a' returning balance`, [
      input.amount,
    ]);
    return { balance: row.balance as number };
  });

/** Holds what `work` locked until `release` is called. */
async function holding(work: (tx: EntityManager) => Promise<unknown>): Promise<{ release: () => Promise<void> }> {
  const held = database.db.createQueryRunner();
  await held.startTransaction();
  await work(held.manager);
  return {
    release: async () => {
      if (held.isTransactionActive) await held.rollbackTransaction();
      await held.release();
    },
  };
}

describe('a command without a key', () => {
  test('runs every time, and leaves nothing when it fails', async () => {
    expect(await deposit({ amount: 1 })).toEqual({ balance: 1 });
    expect(await deposit({ amount: 1, idempotencyKey: null })).toEqual({ balance: 2 });
    const failing = once(as(ani), 'deposit', {}, async (tx) => {
      await tx.query('update account set balance = 99');
      throw new DomainError('NO', 'No.');
    });
    await expect(failing).rejects.toEqual(expect.objectContaining({ code: 'NO' }));
    expect(await balance()).toBe(2);
    expect(await keys()).toBe(0);
  });
});

describe('a command with a key', () => {
  test('runs once, and gives the same answer again', async () => {
    const input = { amount: 5, idempotencyKey: 'k', on: new Date('2026-01-01') };
    const [first, again] = [await deposit(input), await deposit({ ...input })];
    expect([first, again]).toEqual([{ balance: 5 }, { balance: 5 }]);
    expect(await balance()).toBe(5);
  });

  test('takes what is left out and what is null, in any order, for the same input', async () => {
    await deposit({ idempotencyKey: 'k', amount: 5, note: null });
    expect(await deposit({ amount: 5, idempotencyKey: 'k' })).toEqual({ balance: 5 });
  });

  test('gives an answer without content again, too', async () => {
    const quiet = () => once(as(ani), 'quiet', { idempotencyKey: 'k' }, async () => undefined);
    await quiet();
    expect(await quiet()).toBeNull();
  });

  test('is refused with another input', async () => {
    await deposit({ amount: 5, idempotencyKey: 'k' });
    for (const other of [{ amount: 6 }, { amount: 5, note: 'more' }, { amount: 5, on: new Date(0) }]) {
      await expect(deposit({ ...other, idempotencyKey: 'k' })).rejects.toEqual(
        expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED', params: { field: 'idempotencyKey' } }),
      );
    }
    expect(await balance()).toBe(5);
  });

  test('is each person’s and each mutation’s own', async () => {
    await deposit({ amount: 5, idempotencyKey: 'k' });
    await deposit({ amount: 6, idempotencyKey: 'k' }, budi);
    await deposit({ amount: 7, idempotencyKey: 'k' }, ani, 'other');
    expect(await balance()).toBe(18);
  });

  test('must be a UUID of those who do not sign in, for they are all one', async () => {
    await expect(deposit({ amount: 5, idempotencyKey: '1' }, PUBLIC)).rejects.toEqual(
      expect.objectContaining({ code: 'INVALID_ID', params: { field: 'idempotencyKey' } }),
    );
    const idempotencyKey = randomUUID();
    await deposit({ amount: 5, idempotencyKey }, PUBLIC);
    expect(await deposit({ amount: 5, idempotencyKey }, PUBLIC)).toEqual({ balance: 5 });
  });

  test.each([
    ['', 'TEXT_REQUIRED'],
    ['k'.repeat(129), 'TEXT_TOO_LONG'],
    ['k\u0000', 'TEXT_INVALID'],
  ])('is refused when it is %j', async (idempotencyKey, code) => {
    await expect(deposit({ amount: 5, idempotencyKey })).rejects.toEqual(expect.objectContaining({ code }));
  });

  test('may be used again after a failure, for only successes are kept', async () => {
    const input = { amount: 5, idempotencyKey: 'k' };
    const failing = once(as(ani), 'deposit', input, async () => {
      throw new DomainError('NO', 'No.');
    });
    await expect(failing).rejects.toEqual(expect.objectContaining({ code: 'NO' }));
    expect(await deposit({ amount: 5, idempotencyKey: 'k' })).toEqual({ balance: 5 });
  });

  test('has one effect and one answer when it comes fifty times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => deposit({ amount: 5, idempotencyKey: 'k' })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"balance":5}']));
    expect(await balance()).toBe(5);
  });

  test('is said to be in progress when its first use takes longer than a repeat waits', async () => {
    const first = await holding((tx) =>
      tx.query(`insert into idempotency (subject, mutation, key, input_hash) values ('ani', 'deposit', 'k', '')`),
    );
    const began = performance.now();
    await expect(deposit({ amount: 5, idempotencyKey: 'k' })).rejects.toEqual(
      expect.objectContaining({ code: 'IDEMPOTENCY_IN_PROGRESS' }),
    );
    expect(performance.now() - began).toBeGreaterThan(1_900);
    await first.release();
    expect(await deposit({ amount: 5, idempotencyKey: 'k' })).toEqual({ balance: 5 });
  });

  test('is forgotten after 24 hours, whether its row was removed or not', async () => {
    await deposit({ amount: 5, idempotencyKey: 'k' });
    await deposit({ amount: 5, idempotencyKey: 'l' });
    await deposit({ amount: 5, idempotencyKey: 'young' });
    await database.db.query(
      `update idempotency set created_at = now() - interval '24 hours 1 second' where key <> 'young'`,
    );
    expect(await deposit({ amount: 6, idempotencyKey: 'k' })).toEqual({ balance: 21 });
    expect(await removeExpired(database.db)).toBe(1);
    expect(await keys()).toBe(2);
    expect(await deposit({ amount: 6, idempotencyKey: 'k' })).toEqual({ balance: 21 });
  });
});

describe('a command that meets others', () => {
  test('is told that the thing is busy when a lock is not given in time', async () => {
    const other = await holding((tx) => tx.query(`select 1 from account where id = 'a' for update`));
    const refused = deposit({ amount: 5, idempotencyKey: 'k' });
    await expect(refused).rejects.toEqual(expect.objectContaining({ code: 'BUSY' }));
    await other.release();
    expect(await deposit({ amount: 5, idempotencyKey: 'k' })).toEqual({ balance: 5 });
  });

  test('is tried again after a deadlock, so that both of two succeed', async () => {
    let met = 0;
    const { promise: bothHold, resolve: meet } = withResolvers();
    const transfer = (from: string, to: string) =>
      once(as(ani), 'transfer', {}, async (tx) => {
        await tx.query('update account set balance = balance - 1 where id = $1', [from]);
        met += 1;
        if (met === 2) meet();
        await bothHold;
        await tx.query('update account set balance = balance + 1 where id = $1', [to]);
      });
    await Promise.all([transfer('a', 'b'), transfer('b', 'a')]);
    expect(met).toBe(3);
    expect([await balance('a'), await balance('b')]).toEqual([0, 0]);
  });

  test('waits in a queue that has an end: what is beyond it is refused at once, and nothing hangs', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 2_000 }, () => deposit({ amount: 1 })));
    const refused = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason.code);
    const done = answers.length - refused.length;
    expect(new Set(refused)).toEqual(new Set(['OVERLOADED']));
    expect(done).toBeGreaterThanOrEqual(8);
    expect(done).toBeLessThanOrEqual(508);
    expect(await balance()).toBe(done);
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test('what a request has read is read again after a command', async () => {
  const context = as(ani);
  const read = async ({ db }: ServiceContext, ids: readonly string[]): Promise<number[]> => {
    const rows: { id: string; balance: number }[] = await db.query('select * from account where id = any($1)', [ids]);
    return ids.map((id) => rows.find((row) => row.id === id)!.balance);
  };
  expect(await load(context, read, 'a')).toBe(0);
  await once(context, 'deposit', {}, (tx) => tx.query('update account set balance = 7'));
  expect(await load(context, read, 'a')).toBe(7);
});
