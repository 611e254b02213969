/** Roles, databases and their passwords on one PostgreSQL server. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import pg from 'pg';

/**
 * The password of a role from a file that only its owner can read, made on first use.
 * @param file JSON of role → password; made with mode 0600
 */
export function passwordOf(file: string, role: string): string {
  const passwords: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const known = passwords[role];
  if (known !== undefined) return known;
  const password = randomBytes(24).toString('base64url');
  // Written beside and moved, so that a process killed here leaves the old file or the new, never half of one.
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...passwords, [role]: password }, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return password;
}

/** The connection URL of a database on the server of `adminUrl`, for this role. */
export function databaseUrl(adminUrl: string, { name, password }: { name: string; password: string }): string {
  const url = new URL(adminUrl);
  url.username = name;
  url.password = password;
  url.pathname = `/${name}`;
  return url.toString();
}

/**
 * Makes sure that a role and a database of the same name, owned by it, exist; what is there already is kept.
 *
 * The role's timeouts are a promise of the event path: a process that is stopped (not killed) in the middle of a
 * transaction would hold its locks for good, and its successor could not go on.
 * @param adminUrl a connection that may create roles and databases
 * @returns the database's connection URL
 */
export async function ensureDatabase(
  adminUrl: string,
  { name, password }: { name: string; password: string },
): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const role = client.escapeIdentifier(name);
    const roles = await client.query('select 1 from pg_roles where rolname = $1', [name]);
    if (roles.rowCount === 0) await client.query(`create role ${role} login`);
    await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`);
    await client.query(`alter role ${role} set idle_in_transaction_session_timeout = '5s'`);
    await client.query(`alter role ${role} set statement_timeout = '8s'`);
    await client.query(`alter role ${role} set lock_timeout = '2s'`);
    await createDatabase(client, name);
  } finally {
    await client.end();
  }
  return databaseUrl(adminUrl, { name, password });
}

async function createDatabase(client: pg.Client, name: string): Promise<void> {
  const databases = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (databases.rowCount !== 0) return;
  const database = client.escapeIdentifier(name);
  const admin = await client.query<{ rolsuper: boolean }>('select rolsuper from pg_roles where rolname = current_user');
  // Who is no superuser may give a database only to a role that it belongs to.
  if (!admin.rows[0]?.rolsuper) await client.query(`grant ${database} to current_user`);
  await client.query(`create database ${database} owner ${database} encoding 'UTF8' template template0`);
  // A service reads its own database and no other's.
  await client.query(`revoke connect, temporary on database ${database} from public`);
}
