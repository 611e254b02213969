/** What is shown when all runs: where everything is, and what to try. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunningMerit } from './processes.js';
import { YEAR } from './seed/when.js';
import { placesIn, ROOT } from './start.plan.js';

interface Where {
  readonly port: number;
  readonly dataDir: string;
}

/** Ends with the line that says that Merit is ready. */
export function describeRunning(merit: RunningMerit, where: Where): string {
  const { gateway, identity, ...services } = merit.urls;
  const { dataDir } = where;
  return [
    '',
    'Where everything is',
    `  the graph            ${gateway}/graphql`,
    `  the partners' graph  ${gateway}/partner/graphql`,
    `  the public's graph   ${gateway}/public/graphql`,
    `  GraphiQL             ${gateway}/graphiql`,
    `  the events           ${gateway}/events`,
    ...Object.entries(services).map(([name, url]) => `  ${name.padEnd(20)} ${url}`),
    `  identity provider    ${identity}`,
    `  events               ${merit.brokers ? `Kafka at ${merit.brokers}` : 'the log in PostgreSQL'}`,
    `  data                 ${dataDir}`,
    ...Object.entries(merit.logs).map(([name, file]) => `  log of ${name.padEnd(13)} ${file}`),
    '',
    `Three things to try, in ${ROOT.replace(/\/$/, '')}`,
    ...commands(merit, where).map((command) => `  $ ${command}`),
    '',
    'Ctrl-C stops everything.',
    `Merit is ready at ${gateway}`,
  ].join('\n');
}

/** Each on one line, so that it can be pasted. */
export function commands(merit: RunningMerit, where: Where): string[] {
  const token = `${variables(where)}npm run -s token`;
  const { handle, employee, unit } = example(where.dataDir);
  const ask = (path: string, query: string, authorization = '') =>
    `curl -s ${merit.gatewayUrl}${path} -H 'content-type: application/json'${authorization} -d '${JSON.stringify({ query })}'`;
  return [
    token,
    ask(
      '/graphql',
      `{ employee(id: "${employee}") { name position { title } unit { name satisfaction(year: ${YEAR}) { index grade } } learning(year: ${YEAR}) { hours entitlement } score(year: ${YEAR}) { value band } } }`,
      ` -H "authorization: Bearer $(${token} -- --as ${handle})"`,
    ),
    ask(
      '/public/graphql',
      `{ unit(id: "${unit}") { name head { name title } satisfaction(year: ${YEAR}) { index grade respondents } complaintStatistics(year: ${YEAR}) { received inTime } } }`,
    ),
  ];
}

/** What a command has to be told when it is not the usual; quoted for a shell. */
function variables({ port, dataDir }: Where): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    port === 4000 ? '' : `MERIT_PORT=${port} `,
    dataDir === path.join(ROOT, '.merit') ? '' : `MERIT_DATA=${quote(dataDir)} `,
  ].join('');
}

/** Whom the seed made an example of. */
function example(dataDir: string): { handle: string; employee: string; unit: string } {
  const { people, examples } = placesIn(dataDir);
  const read = (file: string, otherwise: string) =>
    JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : otherwise);
  const { employee = '', unit = '' } = read(examples, '{}') as { employee?: string; unit?: string };
  const known = read(people, '[]') as { handle: string; employeeId?: string }[];
  return { handle: known.find(({ employeeId }) => employeeId === employee)?.handle ?? 'system', employee, unit };
}
