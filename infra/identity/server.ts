/** The provider on a port: its own endpoints, the page to choose a person, and health. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readKeys } from './keys.js';
import { loginPage } from './login.js';
import { type People, readPeople } from './people.js';
import { createProvider } from './provider.js';

export interface IdentityOptions {
  readonly host: string;
  readonly port: number;
  readonly audience: string;
  readonly dataDir: string;
  readonly peopleFile: string;
}

export interface RunningIdentity {
  readonly issuer: string;
  readonly stop: () => Promise<void>;
}

type Provider = ReturnType<typeof createProvider>;

/** Starts the provider of `http://localhost:<port>`; resolves when it listens. */
export async function startIdentity(options: IdentityOptions): Promise<RunningIdentity> {
  const issuer = `http://localhost:${options.port}`;
  const people = readPeople(options.peopleFile);
  const keys = await readKeys(options.dataDir);
  const provider = createProvider({ issuer, audience: options.audience, keys, people });
  const endpoints = provider.callback();
  const names = [`localhost:${options.port}`, `127.0.0.1:${options.port}`];
  const server = createServer((request, response) => {
    // A web page elsewhere whose name was pointed at this machine could read tokens otherwise.
    if (!names.includes(request.headers.host ?? '')) return answer(response, 421, 'text/plain', 'Ask for localhost.\n');
    if (request.url?.startsWith('/health/')) return answer(response, 200, 'application/json', '{"status":"ok"}\n');
    if (!request.url?.startsWith('/interaction/')) return void endpoints(request, response);
    interact(provider, people, request, response).catch(() =>
      answer(response, 400, 'text/plain', 'This sign-in has expired: begin again where you came from.\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    issuer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(body);
}

/** Shows the people (GET), or signs in as the one that was chosen (POST). */
async function interact(provider: Provider, people: People, request: IncomingMessage, response: ServerResponse) {
  await provider.interactionDetails(request, response); // throws when this sign-in is unknown or over
  if (request.method !== 'POST') return answer(response, 200, 'text/html', loginPage(people.all()));
  const form = new URLSearchParams(await readBody(request));
  const handle = form.get('handle') ?? form.get('named') ?? '';
  if (!people.find(handle)) {
    return answer(response, 200, 'text/html', loginPage(people.all(), `Nobody has the handle ${handle}.`));
  }
  await provider.interactionFinished(request, response, { login: { accountId: handle } });
}

/** A form of one short field. */
async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > 1_000) throw new Error('too long');
  }
  return body;
}
