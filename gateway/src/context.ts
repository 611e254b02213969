import { randomBytes } from 'node:crypto';
import type { Outcome } from '@merit/chassis/api/graph';
import { traceparentIn } from '@merit/chassis/api/http';
import type { Viewer } from '@merit/chassis/api/viewer';
import type { FastifyRequest } from 'fastify';

/** What the gateway knows of a request while it is under way. */
export interface GatewayContext {
  readonly requestId: string;
  readonly traceparent: string;
  /** The verified `Authorization` header, as it came; null for the public. */
  readonly authorization: string | null;
  /** The `x-merit-purpose` header, as it came; null without one, and for the public. */
  readonly purpose: string | null;
  readonly viewer: Viewer;
  /** On whose account the cost goes: a subject, or the public's address. */
  readonly caller: string;
  /** Whether the answer of the same read that is under way will do: of the public, where nobody keeps it. */
  readonly mayShare: boolean;
  /** Nobody asks: a plan is made in advance, and no service is asked. */
  readonly planOnly?: boolean;
  /** When the client has waited long enough (ms since the epoch). */
  readonly deadline: number;
  /** Filled in as it becomes known, for the request's line in the log. */
  readonly outcome: Outcome;
}

/** The client's trace goes on if it sent one that is well-formed; else a trace begins here. */
export const traceOf = (request: FastifyRequest): string =>
  traceparentIn(request) ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
