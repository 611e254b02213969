/**
 * `npm run token` lists whom one can sign in as; `npm run -s token -- --as <handle>` prints a bearer token of one,
 * and nothing else, for curl and GraphiQL.
 */
import { parseArgs } from 'node:util';
import { type Person, readPeople } from '@merit/infra/identity/people';
import { isTrouble, trouble } from '@merit/infra/trouble';
import { placesIn, portsFrom, urlsFrom } from './start.plan.js';
import { readSettings } from './start.settings.js';
import { askToken } from './token.ask.js';
import { nearest } from './token.nearest.js';

async function main(): Promise<void> {
  const { port, dataDir } = readSettings(process.env);
  const people = readPeople(placesIn(dataDir).people).all();
  const { as: handle } = parseArgs({ options: { as: { type: 'string' } } }).values;
  if (handle === undefined) return console.log(listOf(people));
  const issuer = urlsFrom(portsFrom(port)).identity;
  const found = people.find((person) => person.handle === handle);
  if (!found) throw trouble(unknown(handle, people));
  process.stdout.write(`${await askToken(issuer, handle)}\n`);
}

function listOf(people: readonly Person[]): string {
  const width = (pick: (person: Person) => string) => Math.max(...people.map((person) => pick(person).length));
  const [handles, names] = [width(({ handle }) => handle), width(({ name }) => name)];
  return people
    .map(({ handle, name, description }) => `${handle.padEnd(handles)}  ${name.padEnd(names)}  ${description}`)
    .join('\n');
}

function unknown(handle: string, people: readonly Person[]): string {
  const near = nearest(
    handle,
    people.map((person) => person.handle),
  );
  const advice = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'npm run token lists everyone.';
  return people.length === 1
    ? `Nobody has the handle ${handle}: there are no people yet, run npm start first.`
    : `Nobody has the handle ${handle}: ${advice}`;
}

main().catch((error) => {
  console.error(isTrouble(error) || /^ERR_PARSE_ARGS/.test(error.code) ? error.message : error);
  process.exitCode = 1;
});
