/** Who did something, as the graph shows it. */
export interface Actor {
  readonly kind: 'EMPLOYEE' | 'CLIENT' | 'SYSTEM';
  readonly employee: { readonly id: string } | null;
}

/** `employee/<id>`, `client/<id>` or `system` → its object in the graph; null for one whom nobody may learn. */
export function actorFrom(actor: string | null): Actor | null {
  if (actor === null) return null;
  const [kind, id] = actor.split('/');
  if (kind === 'employee' && id) return { kind: 'EMPLOYEE', employee: { id } };
  return { kind: kind === 'client' ? 'CLIENT' : 'SYSTEM', employee: null };
}
