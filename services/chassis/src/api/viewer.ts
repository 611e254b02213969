import { isId } from '../errors.js';

/** Who is asking. A token only identifies; what that person may do comes from `directory`. */
export type Viewer =
  | { readonly kind: 'PUBLIC' }
  /** A civil servant: the token names the employee. */
  | { readonly kind: 'EMPLOYEE'; readonly subject: string; readonly employeeId: string }
  /** A partner agency's machine client. */
  | { readonly kind: 'CLIENT'; readonly subject: string; readonly clientId: string }
  /** Signed in, and no employee: an operator of the system. */
  | { readonly kind: 'OPERATOR'; readonly subject: string };

export const PUBLIC: Viewer = { kind: 'PUBLIC' };

/** The `ce_actor` of what this viewer does: `employee/<id>`, `client/<id>`, `system`, or nothing for the public. */
export function actorOf(viewer: Viewer): string | null {
  switch (viewer.kind) {
    case 'PUBLIC':
      return null;
    case 'EMPLOYEE':
      return `employee/${viewer.employeeId}`;
    case 'CLIENT':
      return `client/${viewer.clientId}`;
    case 'OPERATOR':
      return 'system';
    default:
      return viewer satisfies never;
  }
}

/** Which claims of a token say who its bearer is, beside `sub`. */
export interface ClaimNames {
  /** Holds the employee's id (UUID). */
  readonly employeeClaim: string;
  /** Holds the id of a partner agency's machine client. */
  readonly clientClaim: string;
}

/** Who a verified token names; null when its claims are not of the right form. An employee's claim comes first. */
export function viewerOf(claims: Readonly<Record<string, unknown>>, names: ClaimNames): Viewer | null {
  const subject = claims['sub'];
  const employeeId = claims[names.employeeClaim];
  const clientId = claims[names.clientClaim];
  if (!isName(subject)) return null;
  if (employeeId !== undefined) {
    return isId(employeeId) ? { kind: 'EMPLOYEE', subject, employeeId: employeeId.toLowerCase() } : null;
  }
  if (clientId !== undefined) return isName(clientId) ? { kind: 'CLIENT', subject, clientId } : null;
  return { kind: 'OPERATOR', subject };
}

/** OpenID Connect Core §2 bounds a subject to 255 characters; a null byte could not even be looked up. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 255 && !/\p{Cc}/u.test(value);
