/** `npm run import`: tables as offices export them, into the graph, with the rights of whoever signs in. */
import { parseArgs } from 'node:util';
import { DomainError } from '@merit/chassis/errors';
import { isTrouble, trouble } from '@merit/infra/trouble';
import { isSaid, SIGN_IN_OPTIONS, SIGN_IN_USAGE, signIn } from './graph.sign-in.js';
import { TABLES, type TableName } from './import/kinds.js';
import { agencyOf } from './import/lookup.js';
import { openProgress } from './import/progress.js';
import { inspectTable } from './import/read.js';
import { openReport, type Report } from './import/report.js';
import { checkTable, type ImportRun, type Totals, writeTable } from './import/run.js';
import { senderOf } from './import/send.js';

const USAGE = `npm run import -- <${Object.keys(TABLES).join(' | ')}> <file.csv> --as <handle>
  --as <handle>    who imports: a personnel officer of the agency (npm run token lists people)
  --agency <name>  for which agency; without it, the one that employs whoever imports
  --check          judge the table and write nothing
  --problems <csv> write every problem to this file, not only the first 100 to the screen
${SIGN_IN_USAGE}
  --json           the result as one line of JSON
Columns and sample files: docs/import.md. Ends with 0 when all is imported, 1 when the table has problems and nothing
was written, 2 when the command is not right, 3 when it was cut short; the same command then goes on.`;

const OPTIONS = {
  ...SIGN_IN_OPTIONS,
  agency: { type: 'string' },
  check: { type: 'boolean' },
  problems: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

function readCommand() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [table, path, ...rest] = positionals;
  const known = table !== undefined && table in TABLES;
  if (values.help || !known || !path || !isSaid(values) || rest.length > 0) {
    const what = table !== undefined && !known ? `There is no table "${table}" to import.\n\n` : '';
    throw Object.assign(trouble(`${what}${USAGE}`), { exitCode: values.help ? 0 : 2 });
  }
  return { ...values, table: table as TableName, path };
}

/** Ctrl-C ends after the calls that are under way; a second one at once. */
function onInterrupt(): () => boolean {
  let stopped = false;
  process.on('SIGINT', () => {
    if (stopped) process.exit(3);
    stopped = true;
    console.error('\nStopping after what is under way …');
  });
  return () => stopped;
}

async function main(): Promise<number> {
  const command = readCommand();
  const file = await inspectTable(command.path);
  const graph = await signIn(command);
  const report = openReport(command.problems);
  try {
    const agency = await agencyOf(graph, command.agency);
    const stopped = onInterrupt();
    const sender = await senderOf(command.table, graph, agency.id);
    const folder = `${graph.dataDir}/imports`;
    const run: ImportRun = { name: command.table, file, folder, sender, onProblem: report.add, stopped };
    if (!command.json) console.log(`${file.path}: ${file.encoding}, "${file.delimiter}", for ${agency.name}`);
    const checked = await checkTable(run);
    if (stopped()) return cutShort('Nothing was written.');
    if (checked.problems > 0) return refused(checked, report, command);
    if (command.check) return told(command, 'would be imported', checked);
    const progress = await openProgress(folder, [graph.url, agency.id, command.table, file.sha256]);
    const written = await writeTable(run, progress);
    if (stopped()) return cutShort('The same command goes on where this one stopped.');
    await progress.finish();
    return told(command, 'imported', written);
  } finally {
    await report.close();
    await graph.close();
  }
}

function cutShort(sentence: string): number {
  console.error(sentence);
  return 3;
}

function refused(totals: Totals, report: Report, { json, problems }: { json?: boolean; problems?: string }): number {
  if (json) console.log(JSON.stringify(totals));
  for (const line of report.lines()) console.error(line);
  const where = problems ? ` All of them are in ${problems}.` : '';
  console.error(`\n${totals.problems} problem(s) in ${totals.rows} rows. Nothing was written.${where}`);
  return 1;
}

function told({ json }: { json?: boolean }, what: string, totals: Totals): number {
  console.log(json ? JSON.stringify(totals) : `${totals.imported} ${what}, ${totals.unchanged} unchanged.`);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    const known = isTrouble(error) || error instanceof DomainError || /^ERR_PARSE_ARGS/.test(error.code);
    console.error(known ? error.message : error);
    process.exit(error.exitCode ?? (/^ERR_PARSE_ARGS/.test(error.code) ? 2 : 3));
  },
);
