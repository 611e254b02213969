/** A position (jabatan) of a unit: what a person is appointed to. Several people may hold one that does not lead. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';

/** The kinds of UU 20/2023: managerial (JPT, administrator, pengawas) and not (fungsional, pelaksana). */
export const POSITION_KINDS = ['JPT', 'ADMINISTRATOR', 'PENGAWAS', 'FUNGSIONAL', 'PELAKSANA'] as const;
export type PositionKind = (typeof POSITION_KINDS)[number];

export interface Position {
  readonly id: string;
  readonly unitId: string;
  readonly title: string;
  readonly kind: PositionKind;
  /** Whether its holder leads the unit, and so supervises those in it. */
  readonly leading: boolean;
}

/**
 * Adds a position to a unit. No event: others learn of a position when somebody holds it.
 * @param others the unit's positions
 * @throws TEXT_* on `title`; POSITION_EXISTS on `title`; UNIT_HAS_LEADER on `leading`, for a unit that two people lead
 *   leaves open who supervises
 */
export function createPosition(input: Position, others: readonly Position[]): Decision<Position, never> {
  const { id, unitId, kind, leading } = input;
  const position: Position = { id, unitId, kind, leading, title: requireText(input.title, 'title', { max: 200 }) };
  if (others.some(({ title }) => sameTitle(title, position.title))) {
    throw new DomainError('POSITION_EXISTS', 'The unit has a position of that title. Use that one.', {
      field: 'title',
    });
  }
  if (position.leading && others.some(({ leading }) => leading)) {
    throw new DomainError('UNIT_HAS_LEADER', 'Another position leads this unit already. Use that one.', {
      field: 'leading',
    });
  }
  return { state: position, events: [] };
}

/** Titles differ by more than capitals: "Kepala Dinas" and "KEPALA DINAS" are one position. */
export const sameTitle = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
