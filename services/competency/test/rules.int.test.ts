/** The first migration lays down the rules that the vectors of the rule functions are written for. */
import { testDatabase } from '@merit/chassis/testing';
import { entities, migrations } from '../src/database.js';
import { hourRules } from '../src/hours/rules.table.js';
import { rules } from './rules.js';

const database = testDatabase({ entities, migrations });

const plain = (all: typeof rules) => ({
  forms: all.forms.map(({ id, form, per, hours, validFrom, ...rest }) => {
    const perMonth = 'sessionsPerMonth' in rest ? rest.sessionsPerMonth : null;
    return { id, form, per, hours: String(hours), perMonth, validFrom };
  }),
  contracts: all.contracts.map(({ kind, hours, validFrom }) => ({ kind, hours: String(hours), validFrom })),
  entitlements: all.entitlements.map(({ kind, hours, validFrom }) => ({ kind, hours: String(hours), validFrom })),
});

test('the rules in the database are those of the vectors', async () => {
  expect(plain(await hourRules(database.db))).toEqual(plain(rules));
});

test('each has its source, and says whether it was read there', async () => {
  const { forms, contracts, entitlements } = await hourRules(database.db);
  const all = [...forms, ...contracts, ...entitlements];
  expect(all.filter(({ source, verified }) => source === '' || typeof verified !== 'boolean')).toEqual([]);
  expect(all.filter(({ verified }) => verified).map(({ source }) => source)).toEqual([
    'PP 49/2018',
    'PP 11/2017 as amended by PP 17/2020',
    'PP 49/2018',
  ]);
});
