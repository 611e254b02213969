import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type EntityManager, EntitySchema, In } from 'typeorm';
import type { Position } from './position.js';

export const PositionTable = new EntitySchema<Position>({
  name: 'position',
  columns: {
    id: { type: 'uuid', primary: true },
    unitId: { type: 'uuid', name: 'unit_id' },
    title: { type: 'text' },
    kind: { type: 'text' },
    leading: { type: 'boolean', name: 'is_leading' },
  },
});

/** Null for those that do not exist. */
export const positionsById = rowsById(PositionTable);

export const positionsOfUnits = (tx: EntityManager, unitIds: readonly string[]): Promise<Position[]> =>
  tx.find(PositionTable, { where: { unitId: In([...unitIds]) } });

/**
 * The position, held until the transaction ends, so that two people cannot both become its one holder.
 * @throws POSITION_NOT_FOUND
 */
export async function lockPosition(tx: EntityManager, id: string): Promise<Position> {
  const position = await tx.findOne(PositionTable, { where: { id }, lock: { mode: 'for_no_key_update' } });
  if (!position) throw new DomainError('POSITION_NOT_FOUND', 'There is no such position.', { field: 'positionId' });
  return position;
}

export async function addPositions(tx: EntityManager, positions: readonly Position[]): Promise<void> {
  if (positions.length > 0) await tx.insert(PositionTable, [...positions]);
}
