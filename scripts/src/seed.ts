/**
 * Fills an empty system with three real organisations, their services, and about 2,000 invented people: through the
 * services' own commands, so that every event is a real one. The same people on every machine; run again, it changes
 * nothing. `npm start` calls it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectGraph } from './graph.client.js';
import { type Cast, castOf, type Example, exampleOf } from './seed/cast.js';
import { whenKnown } from './seed/graph.js';
import { enterTrainings, openPlace } from './seed/growth.js';
import { AGENCIES, type AgencySeed } from './seed/organisations.js';
import { PARTNER, signAgreement } from './seed/partner.js';
import { enterPlans, openPeriod } from './seed/plans.js';
import { assignServers, enterComplaints, enterServices, enterSurveys } from './seed/public.js';
import {
  enterAbsences,
  enterStaff,
  giveRolesBack,
  grant,
  registerAgency,
  type Staff,
  takeRoles,
} from './seed/staff.js';
import { daysAgo, YEAR } from './seed/when.js';
import { placesIn, portsFrom, urlsFrom } from './start.plan.js';
import { readSettings } from './start.settings.js';
import { askToken } from './token.ask.js';

const began = Date.now();
const say = (text: string) => console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const { port, dataDir } = readSettings(process.env);
const places = placesIn(dataDir);
const urls = urlsFrom(portsFrom(port));
const graph = connectGraph(urls.gateway, await askToken(urls.identity, 'system'));
try {
  const entered: Entered[] = [];
  for (const seed of AGENCIES) entered.push(await once(seed));
  // The people's file last: by it, a start knows that the seed is complete.
  writeWhole(places.examples, entered[0]!.example);
  const people = [...entered.flatMap(({ cast }) => cast.map(({ role: _, ...person }) => person)), PARTNER];
  writeWhole(places.people, people);
  say(`${people.length} of them can sign in by a handle: npm run token`);
} finally {
  await graph.close();
}

/** What is known of an agency when all of it is entered. */
interface Entered {
  readonly grants: readonly string[];
  readonly cast: readonly Cast[];
  readonly example: Example;
}

/** Enters an agency, or takes it as it was entered before the seed was cut short; either way its rights end here. */
async function once(seed: AgencySeed): Promise<Entered> {
  const file = path.join(places.seed, `${seed.short}.json`);
  if (!existsSync(file)) writeWhole(file, await enterAgency(seed));
  const entered = JSON.parse(readFileSync(file, 'utf8')) as Entered;
  await giveRolesBack(graph, entered.grants);
  return entered;
}

/** One agency from its name to what the public says of it. */
async function enterAgency(seed: AgencySeed): Promise<Entered> {
  const agencyId = await registerAgency(graph, seed);
  const grants = await takeRoles(graph, agencyId, daysAgo(0));
  const staff = await enterStaff(graph, seed, agencyId);
  say(`${seed.name}: ${staff.units.size} units, ${staff.people.length} people`);
  const services = await enterServices(graph, staff);
  await openPeriod(graph, staff);
  const [planned, hours] = await Promise.all([
    enterPlans(graph, staff),
    enterTrainings(graph, staff),
    assignServers(graph, staff, services).then(() => enterAbsences(graph, staff)),
    enterSurveys(graph, staff, services).then(() => enterComplaints(graph, staff, services)),
  ]);
  say(`${seed.name}: ${services.length} services, plans, trainings, surveys and complaints`);
  const cast = castOf(staff, { planned, hours }, seed === AGENCIES[0]);
  for (const { role, employeeId } of cast) {
    const idempotencyKey = `seed-${role}-${employeeId}`;
    if (role) await grant(graph, { employeeId, role, agencyId, validFrom: daysAgo(0), idempotencyKey });
  }
  if (seed === AGENCIES[0]) await signAgreement(graph, staff);
  const example = await exampleOf(staff, cast, (employeeId) => openPlace(graph, staff, employeeId));
  await whenScored(staff, example.employee);
  return { grants, cast, example };
}

/** What was entered last has reached the score, so that a newcomer's first look shows it. */
async function whenScored({ agencyId, people }: Staff, employeeId: string): Promise<void> {
  const nips = people.flatMap((person) => (person.employeeId === employeeId ? [person.nip] : []));
  for (const until = Date.now() + 120_000; Date.now() < until; await pause(250)) {
    const { employeesByNip } = await whenKnown(() =>
      graph.ask<{ employeesByNip: { employee: { score: { coverage: number } | null } }[] }>(
        `query ($agencyId: ID!, $nips: [String!]!) {
          employeesByNip(agencyId: $agencyId, nips: $nips) { employee { score(year: ${YEAR}) { coverage } } } }`,
        { agencyId, nips },
      ),
    );
    const { score } = employeesByNip[0]!.employee;
    if (score && score.coverage >= 0.7) return;
  }
  throw new Error('The score does not show what was entered two minutes ago. See the log of performance.');
}

/** Whole or not at all. */
function writeWhole(file: string, content: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
