/** The bearer token of a command, which may take longer than a token lives: taken anew before it ends. */
import { spawn } from 'node:child_process';
import { trouble } from '@merit/infra/trouble';

/** Gives a token that is good for a while yet. */
export type TokenSource = () => Promise<string>;

const MOST_EARLY_MS = 30_000;

/**
 * Takes a token at the first need, and another when a fifth of its life is left, or half a minute where that is less. One
 * that does not say when it ends is kept.
 */
export function tokenSource(take: TokenSource, now: () => number = Date.now): TokenSource {
  let held: { readonly token: string; readonly until: number } | undefined;
  let taking: Promise<string> | undefined;
  const anew = async (): Promise<string> => {
    const token = await take();
    const end = endOf(token);
    held = { token, until: end - Math.min(MOST_EARLY_MS, (end - now()) / 5) };
    return token;
  };
  return () => {
    if (held && now() < held.until) return Promise.resolve(held.token);
    taking ??= anew().finally(() => {
      taking = undefined;
    });
    return taking;
  };
}

/** When a JWT ends, in milliseconds; never, for what is none. */
function endOf(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1_000 : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** What a command of the shell prints; it may ask a person for a password meanwhile. @throws Trouble when it gives no token */
export async function printedBy(command: string): Promise<string> {
  const child = spawn(command, { shell: true, stdio: ['inherit', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const token = printed.trim();
  if (code === 0 && /^\S+$/.test(token) && token !== 'null') return token;
  throw trouble(
    `The command that prints a token ended with ${code} and printed ${token === '' ? 'nothing' : 'none'}: ${command}`,
  );
}
