import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { requireAgency } from '../agency/agency.table.js';
import { requireUnit } from '../unit/unit.table.js';
import type { PositionKind } from './position.js';
import * as rule from './position.js';
import { addPositions, positionsOfUnits } from './position.table.js';

export interface CreatePosition {
  readonly unitId: string;
  readonly title: string;
  readonly kind: PositionKind;
  readonly leading: boolean;
}

/** HR of the unit's agency. @throws UNIT_NOT_FOUND, UNIT_NOT_OPEN on `unitId`, and as the rule */
export async function createPosition(tx: EntityManager, context: ServiceContext, command: CreatePosition) {
  const unitId = requireId(command.unitId, 'unitId');
  const now = context.now();
  const unit = await requireUnit(tx, unitId, now);
  await demand(context, ['HR'], { unit: unitId });
  if (unit.validTo !== null && unit.validTo < unit.today) {
    throw new DomainError('UNIT_NOT_OPEN', 'The unit exists no more. Choose another.', { field: 'unitId' });
  }
  // Positions of one agency are made one after another, so that the titles read here are all there are.
  await requireAgency(tx, unit.agencyId, now, { lock: true });
  const { state } = rule.createPosition(
    { ...command, unitId, id: context.newId() },
    await positionsOfUnits(tx, [unitId]),
  );
  await addPositions(tx, [state]);
  return { positionId: state.id };
}
