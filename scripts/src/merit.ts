/** `npm run merit`: what an operator does with a running system. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DomainError } from '@merit/chassis/errors';
import { isTrouble } from '@merit/infra/trouble';
import { SIGN_IN_OPTIONS, SIGN_IN_USAGE, type SignIn, signIn } from './graph.sign-in.js';
import { type Call, type Command, findCommand, listCommands, misuse } from './merit/command.js';
import { COMMANDS } from './merit/commands.js';

const ALL_COMMANDS = `  --as <handle>    who does it; the operator (system) unless told. npm run token lists people
${SIGN_IN_USAGE}
  --json           the result as one line of JSON`;
const USAGE = `npm run merit -- <command> [--as <handle>] [--json]
${listCommands(COMMANDS)}

${ALL_COMMANDS}
  --help           with a command: what it takes
Ends with 0 when it is done, 1 when something differs or is wrong, 2 when the command is not right.`;

const OPTIONS = {
  ...SIGN_IN_OPTIONS,
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const usageOf = ({ name, parameters, summary, help }: Command): string =>
  `npm run merit -- ${[name, parameters].filter(Boolean).join(' ')}\n${summary}\n\n${help}\n${ALL_COMMANDS}`;

async function main(args: string[]): Promise<number> {
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith('-')) >>> 0);
  if (words.length === 0 && args.includes('--help')) return tell(USAGE);
  if (words.length === 0) throw misuse(USAGE);
  const [command, rest] = findCommand(COMMANDS, words);
  const { values, positionals } = readOptions(command, args.slice(words.length - rest.length));
  if (values['help']) return tell(usageOf(command));
  return runSignedIn(command, { parameters: positionals, options: values });
}

function tell(text: string): number {
  console.log(text);
  return 0;
}

/** @throws the error of parseArgs, with the command's usage */
function readOptions(command: Command, args: string[]) {
  const config = { args, options: { ...OPTIONS, ...command.options }, allowPositionals: true };
  try {
    return parseArgs(config satisfies ParseArgsConfig) as {
      values: Record<string, string | boolean | undefined>;
      positionals: string[];
    };
  } catch (error) {
    throw misuse(`${(error as Error).message}\n\n${usageOf(command)}`);
  }
}

/** Signs in when the command first asks for the graph: not all of them do. */
async function runSignedIn(command: Command, given: Pick<Call, 'parameters' | 'options'>): Promise<number> {
  let graph: ReturnType<typeof signIn> | undefined;
  try {
    return await command.run({
      ...given,
      json: given.options['json'] === true,
      graph: () => {
        graph ??= signIn(given.options as SignIn);
        return graph;
      },
    });
  } finally {
    await graph?.then(
      (open) => open.close(),
      () => undefined, // whoever asked for it has been told
    );
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    const known = isTrouble(error) || error instanceof DomainError;
    console.error(known ? error.message : error);
    process.exit(error.exitCode ?? 1);
  },
);
