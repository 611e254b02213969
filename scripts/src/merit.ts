/** `npm run merit`: what an operator does with a running system. */
import { parseArgs } from 'node:util';
import { DomainError } from '@merit/chassis/errors';
import { isTrouble, trouble } from '@merit/infra/trouble';
import { SIGN_IN_OPTIONS, SIGN_IN_USAGE, signIn } from './graph.sign-in.js';
import { rebuildScores } from './merit/scores.js';

const USAGE = `npm run merit -- <command> [--as <handle>] [--json]
  scores rebuild   compute every score from its facts, compare it with the stored one, replace those that differ

  --as <handle>    who does it; the operator (system) unless told. npm run token lists people
${SIGN_IN_USAGE}
  --json           the result as one line of JSON
Ends with 0 when it is done, 1 when something differed or went wrong, 2 when the command is not right.`;

const OPTIONS = {
  ...SIGN_IN_OPTIONS,
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const COMMANDS: Readonly<Record<string, typeof rebuildScores>> = { 'scores rebuild': rebuildScores };

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const command = COMMANDS[positionals.join(' ')];
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!command) {
    const what = positionals.length > 0 ? `There is no command "${positionals.join(' ')}".\n\n` : '';
    throw Object.assign(trouble(`${what}${USAGE}`), { exitCode: 2 });
  }
  const graph = await signIn(values);
  try {
    return await command(graph, values.json);
  } finally {
    await graph.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    const known = isTrouble(error) || error instanceof DomainError || /^ERR_PARSE_ARGS/.test(error.code);
    console.error(known ? error.message : error);
    process.exit(error.exitCode ?? (/^ERR_PARSE_ARGS/.test(error.code) ? 2 : 1));
  },
);
