/** The limit of public documents: plain Node that answers each address with bytes that it has. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { contenderEnv } from './contender.env.js';

const { port, host, answers } = contenderEnv();
const bytes = new Map(
  Object.entries(JSON.parse(readFileSync(answers, 'utf8')) as Record<string, unknown>).map(([address, answer]) => [
    address,
    Buffer.from(JSON.stringify(answer)),
  ]),
);
createServer((request, response) => {
  const answer = bytes.get(request.url ?? '');
  if (!answer) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
}).listen(port, host);
