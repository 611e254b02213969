/** Every mutation of the story once more with its key: as who did it, and after their roles were taken from them. */
import { eventually } from './eventually.js';
import type { Remark } from './matrix.compare.js';
import type { Rules, Viewer } from './matrix.rules.js';
import { quiet, type Scene } from './matrix.scene.js';
import type { Ids } from './matrix.story.js';
import type { Ask, Told } from './matrix.tell.js';
import type { World } from './world.js';

/** What was done is asked for again, by those of the viewers who did it. */
export async function againLater(told: readonly Told[], viewers: readonly Viewer[], ask: Ask): Promise<Told[]> {
  const again: Told[] = [];
  for (const one of told.filter(({ may }) => may)) {
    const viewer = viewers.find(({ name }) => name === one.viewer.name);
    if (!viewer) continue;
    const given = await eventually(async () => {
      const answer = await ask(viewer, one.document, one.variables);
      return !answer.errors.some(({ extensions }) => extensions?.code === 'DIRECTORY_STALE') && answer;
    }, 60_000);
    again.push({ ...one, viewer, given });
  }
  return again;
}

/** Takes their roles from those who are to be dismissed, and waits until all services know. */
export async function dismiss(world: World, { dismissed, ids }: Scene): Promise<void> {
  const system = world.as('system');
  for (const { name } of dismissed) {
    const { employee } = await system.ask<{ employee: { grants: { edges: { node: Grant }[] } } }>(
      'query ($id: ID!) { employee(id: $id) { grants(first: 100) { edges { node { id validTo } } } } }',
      { id: ids[name] },
    );
    for (const { node } of employee.grants.edges) {
      if (node.validTo !== null) continue;
      const input = { grantId: node.id, reason: 'For the matrix.' };
      await system.ask('mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { __typename } }', { input });
    }
  }
  await quiet(world);
}

interface Grant {
  readonly id: string;
  readonly validTo: string | null;
}

/** The types of what others were shown of a person, the latest first, as the person reads it. */
export async function readsShownTo(world: World, name: 'employee', ids: Ids): Promise<string[]> {
  const { employee } = await world
    .as(name)
    .ask<{ employee: { accessLog: { edges: { node: { type: string } }[] } } }>(
      'query ($id: ID!) { employee(id: $id) { accessLog(first: 100) { edges { node { type } } } } }',
      { id: ids[name] },
    );
  return employee.accessLog.edges.map(({ node }) => node.type);
}

/** What an answer shows though nothing on the way to it was judged behind the mutation itself. */
export function unjudged(remarks: readonly Remark[], rules: Rules): string[] {
  const below = remarks.slice(1);
  const isInherited = ({ coordinate }: Remark) => rules.get(coordinate)?.to.includes('INHERIT') ?? false;
  const isWithin = (inner: Remark, outer: Remark) => inner.path.startsWith(`${outer.path}.`);
  const leaves = below.filter((each) => each.found === 'SHOWN' && !below.some((other) => isWithin(other, each)));
  return leaves
    .filter((leaf) => below.every((each) => (each !== leaf && !isWithin(leaf, each)) || isInherited(each)))
    .map(({ coordinate }) => coordinate);
}
