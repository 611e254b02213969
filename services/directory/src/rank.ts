/** Of several who hold a position at once, whose right to it is the better: one rule for supervisors and for heads of units. */

/** How a position is held: for good, beside another of one's own, or acting in it (Plt., Plh.). */
export type HoldingKind = 'DEFINITIF' | 'RANGKAP' | 'PLT' | 'PLH';

/**
 * Best first. No regulation that is known here ranks RANGKAP: whoever holds a second post holds it by decree, and so
 * comes before those who only act in it, and after one who holds it alone. See `docs/decisions.md`.
 */
export const HOLDING_KINDS: readonly HoldingKind[] = ['DEFINITIF', 'RANGKAP', 'PLT', 'PLH'];

export interface Holding {
  readonly id: string;
  readonly kind: HoldingKind;
  /** The first day. */
  readonly validFrom: string;
  readonly recordedAt: Date;
}

/** Below 0 when the first comes before the second: by kind, then who began last, who was recorded last, the greater id. */
export function byRight(a: Holding, b: Holding): number {
  if (a.kind !== b.kind) return HOLDING_KINDS.indexOf(a.kind) - HOLDING_KINDS.indexOf(b.kind);
  return (
    descending(a.validFrom, b.validFrom) ||
    descending(a.recordedAt.getTime(), b.recordedAt.getTime()) ||
    descending(a.id, b.id)
  );
}

const descending = <T extends string | number>(a: T, b: T): number => (a > b ? -1 : a < b ? 1 : 0);
