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
