/** The pieces of work, and which comes next. */
import type { Chance } from '../seed/chance.js';
import { complaint } from './ops.complaint.js';
import type { Desk } from './ops.desk.js';
import { service, transfer } from './ops.person.js';
import type { Op } from './ops.step.js';
import { FEW, session, training } from './ops.training.js';
import type { World } from './world.js';

/** The next piece of work; what it is, chance decides. */
export function opsOf(world: World, desk: Desk, chance: Chance): Op {
  const kind = chance.next();
  if (desk.places.length < FEW && !desk.opening) return session(world, desk);
  if (kind < 0.6) return training(desk, chance) ?? complaint(world, chance);
  if (kind < 0.75) return complaint(world, chance);
  if (kind < 0.9) return service(world, desk, chance) ?? complaint(world, chance);
  return transfer(world, desk, chance) ?? complaint(world, chance);
}
