/**
 * `events rehearse`: a fault on purpose, to practise on. It exists on the embedded database of `npm start` alone, by
 * construction: it knows no other. What it breaks is real: performance's database refuses a person's hours, as a bug or
 * a wrong constraint would, so that the event, its repetitions and its dead letter are what they are in earnest.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readPeople } from '@merit/infra/identity/people';
import { databaseUrl, passwordOf } from '@merit/infra/postgres/postgres';
import { trouble } from '@merit/infra/trouble';
import pg from 'pg';
import { placesIn, portsFrom } from '../start.plan.js';
import { readSettings } from '../start.settings.js';
import { type Call, type Command, misuse } from './command.js';

export const eventsRehearse: Command = {
  name: 'events rehearse',
  parameters: 'fault|mend',
  summary: 'a fault on purpose, on this machine, to practise on',
  help: `  --person <handle>  whose; employee unless told
fault: from now on, whatever competency says of the person's hours becomes a dead letter of performance, after five tries.
mend: the cause is gone; dead letters stay until they are retried. For the embedded database of npm start alone.`,
  options: { person: { type: 'string', default: 'employee' } },
  run,
};

const VERBS: Readonly<Record<string, (db: pg.Client, call: Call) => Promise<string>>> = { fault, mend };

async function run(call: Call): Promise<number> {
  const [verb = '', ...more] = call.parameters;
  const work = VERBS[verb];
  if (!work || more.length > 0) throw misuse('Say what: events rehearse fault, or events rehearse mend');
  const db = new pg.Client({ connectionString: embeddedPerformance() });
  try {
    await db.connect().catch((error: Error) => {
      throw trouble(`The embedded database does not answer: is npm start running? (${error.message})`);
    });
    const said = await work(db, call);
    console.log(call.json ? JSON.stringify({ said }) : said);
    return 0;
  } finally {
    await db.end();
  }
}

/** A check of the database: it needs no code in the service, and its message is what an operator meets in earnest. */
async function fault(db: pg.Client, { options }: Call): Promise<string> {
  const people = readPeople(placesIn(readSettings(process.env).dataDir).people).all();
  const person = people.find(({ handle }) => handle === options['person']);
  if (!person?.employeeId) throw misuse(`Nobody here has the handle ${options['person']}: npm run token lists them.`);
  await mend(db);
  await db.query(
    `alter table fact add constraint rehearsal
       check (kind <> 'LEARNING_HOURS' or employee_id <> ${db.escapeLiteral(person.employeeId)}) not valid`,
  );
  return `performance cannot store hours of ${person.handle} any more (events rehearse mend ends it).`;
}

async function mend(db: pg.Client): Promise<string> {
  await db.query('alter table fact drop constraint if exists rehearsal');
  return 'performance can store everyone’s hours. What was set aside waits until it is retried.';
}

/** @throws Trouble where the databases are someone's own */
function embeddedPerformance(): string {
  const { port, dataDir, databaseUrl: server, databaseUrls } = readSettings(process.env);
  if (server || databaseUrls?.performance) {
    throw trouble('This breaks things on purpose: it is for the embedded database of npm start alone.');
  }
  const role = 'merit_performance';
  const passwords = path.join(placesIn(dataDir).postgres, 'passwords.json');
  if (!existsSync(passwords)) throw trouble(`There is no embedded database in ${dataDir}: npm start makes it.`);
  const address = `postgres://127.0.0.1:${portsFrom(port).postgres}/postgres`;
  return databaseUrl(address, { name: role, password: passwordOf(passwords, role) });
}
