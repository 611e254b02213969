/** Leases by the database's clock, also when that is set back. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { chassisMigrations, openDatabase } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import type { DataSource } from 'typeorm';
import { keepLease, type Lease } from '../src/lease.js';
import { eventually } from './eventually.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const NAME = 'relay:merit.test.v1';
const kept: Lease[] = [];
const keep = (db: DataSource = database.db): Lease => {
  const lease = keepLease(db, NAME, randomUUID(), () => undefined);
  kept.push(lease);
  return lease;
};

beforeEach(() => database.db.query('truncate lease'));
afterEach(async () => {
  await Promise.all(kept.splice(0).map((lease) => lease.release()));
});

const heldBy = (holder: string, seconds: number) =>
  database.db.query(`insert into lease values ($1, $2, 7, clock_timestamp() + make_interval(secs => $3))`, [
    NAME,
    holder,
    seconds,
  ]);

test('one that ends later than any is given is taken at once: the clock was set back, and its holder has died', async () => {
  await heldBy(randomUUID(), 3_603);
  const lease = keep();
  await eventually(() => lease.epoch() === 8);
});

test('one that another holds is left until it ends', async () => {
  await heldBy(randomUUID(), 2.9);
  const [{ ends }] = await database.db.query('select expires_at as ends from lease');
  const lease = keep();
  await eventually(() => lease.epoch() === 8);
  const [{ later }] = await database.db.query('select clock_timestamp() >= $1::timestamptz as later', [ends]);
  expect(later).toBe(true);
});

test('of two who want it when the clock is set back, one has it after a term, and at no time do both in one epoch', async () => {
  await database.db.query(
    `create schema skewed;
     create table skewed.back (hours int not null);
     insert into skewed.back values (0);
     create function skewed.clock_timestamp() returns timestamptz language sql volatile as
       'select pg_catalog.clock_timestamp() - hours * interval ''1 hour'' from skewed.back'`,
  );
  const [{ name }] = await database.db.query('select current_database() as name');
  await database.db.query(`alter database "${name}" set search_path = skewed, pg_catalog, public`);
  const db = await openDatabase({ url: database.url, entities: [], migrations: [], name: 'skewed' });
  try {
    const both = [keep(db), keep(db)];
    const epochs = () => both.map((lease) => lease.epoch()).filter((epoch) => epoch !== null);
    const row = async () => (await db.query('select holder, epoch::int from lease'))[0];
    await eventually(() => epochs().length === 1);
    await db.query('update skewed.back set hours = 1');
    for (const end = performance.now() + 5_000; performance.now() < end; await pause(10)) {
      expect(new Set(epochs()).size).toBe(epochs().length);
    }
    const [mine, ...others] = both.filter((lease) => lease.epoch() !== null);
    expect(others).toEqual([]);
    expect(await row()).toEqual({ holder: mine!.holder, epoch: mine!.epoch() });
    const [{ rest }] = await db.query(
      'select extract(epoch from expires_at - clock_timestamp())::float8 as rest from lease',
    );
    expect(rest).toBeLessThanOrEqual(3);

    // The one that has it dies; its last word is of an hour later than the clock is set back to once more.
    await mine!.release();
    await db.query(`update lease set expires_at = clock_timestamp() + interval '3 s', holder = gen_random_uuid()`);
    await db.query('update skewed.back set hours = 2');
    await eventually(() => both.some((lease) => lease !== mine && lease.epoch() !== null));
  } finally {
    await Promise.all(kept.splice(0).map((lease) => lease.release()));
    await db.destroy();
    await database.db.query(`alter database "${name}" reset search_path; drop schema skewed cascade`);
  }
});
