import fc from 'fast-check';
import { closeUnit, mergeUnit, moveUnit, registerUnit, renameUnit, type Unit } from './unit.js';
import { ancestorsAt, hang, type ParentFrom, parentAt, treeOf, type UnitTree } from './unit-tree.js';

const unit = (id: string, over: Partial<Unit> = {}): Unit => ({
  id,
  agencyId: 'agency',
  code: id,
  kind: 'BIDANG',
  validFrom: '2015-01-01',
  validTo: null,
  mergedInto: null,
  version: 1,
  ...over,
});
const under = (unitId: string, parentId: string | null, validFrom = '2015-01-01'): ParentFrom => ({
  unitId,
  parentId,
  validFrom,
});
const code = (value: string) => expect.objectContaining({ code: value });

describe('a new unit', () => {
  const input = {
    id: 'u',
    agencyId: 'agency',
    code: '1',
    name: 'Bidang',
    kind: 'BIDANG',
    validFrom: '2020-01-01',
  } as const;
  test('hangs under a parent that is there on its first day', () => {
    expect(registerUnit(input, unit('p')).state).toMatchObject({ parentId: 'p', version: 1, validTo: null });
  });
  test.each([
    ['of another agency', unit('p', { agencyId: 'other' }), 'UNIT_OTHER_AGENCY'],
    ['that comes later', unit('p', { validFrom: '2020-01-02' }), 'UNIT_NOT_OPEN'],
    ['that was gone', unit('p', { validTo: '2019-12-31' }), 'UNIT_NOT_OPEN'],
  ])('does not hang under one %s', (_, parent, refused) => {
    expect(() => registerUnit(input, parent)).toThrow(code(refused));
  });
});

test('a unit is renamed while it is there', () => {
  const { state, events } = renameUnit(unit('u'), ' Baru ', '2020-01-01');
  expect(state.version).toBe(2);
  expect(events).toEqual([
    { type: 'UnitRenamed', unit: state, name: { unitId: 'u', name: 'Baru', validFrom: '2020-01-01' } },
  ]);
  expect(() => renameUnit(unit('u', { validTo: '2019-12-31' }), 'Baru', '2020-01-01')).toThrow(code('UNIT_NOT_OPEN'));
});

test('a unit cannot be moved so that a circle closes on a later day', () => {
  const tree = treeOf([under('a', null), under('b', null), under('b', 'a', '2021-01-01')]);
  expect(() => moveUnit(unit('a'), unit('b'), '2020-01-01', tree)).toThrow(code('UNIT_CYCLE'));
  const back = treeOf([under('a', null), under('b', 'a'), under('b', null, '2021-01-01')]);
  expect(() => moveUnit(unit('a'), unit('b'), '2020-01-01', back)).toThrow(code('UNIT_CYCLE'));
  expect(moveUnit(unit('a'), unit('b'), '2021-01-01', back).events).toHaveLength(1);
});

test('a merger takes the units below along, and waits for those that would come later', () => {
  const tree = treeOf([under('a', null), under('b', null), under('c', 'a')]);
  const { state, events } = mergeUnit(unit('a'), unit('b'), '2022-01-01', tree);
  expect(state).toMatchObject({ validTo: '2021-12-31', mergedInto: 'b' });
  expect(events.map(({ type }) => type)).toEqual(['UnitMoved', 'UnitMerged']);
  const later = treeOf([under('a', null), under('b', null), under('c', null), under('c', 'a', '2023-01-01')]);
  expect(() => mergeUnit(unit('a'), unit('b'), '2022-01-01', later)).toThrow(code('UNIT_HAS_CHILDREN'));
  expect(() => mergeUnit(unit('a'), unit('a'), '2022-01-01', tree)).toThrow(code('UNIT_CYCLE'));
});

test('a unit closes when nothing hangs under it and nobody holds a position in it', () => {
  const tree = treeOf([under('a', null), under('c', 'a'), under('c', null, '2023-01-01')]);
  expect(() => closeUnit(unit('a'), '2022-12-30', tree, 0)).toThrow(code('UNIT_HAS_CHILDREN'));
  expect(() => closeUnit(unit('a'), '2022-12-31', tree, 3)).toThrow(code('UNIT_HAS_HOLDERS'));
  expect(closeUnit(unit('a'), '2022-12-31', tree, 0).state.validTo).toBe('2022-12-31');
});

test('however units are moved, none ever lies under itself', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const days = ['2020-01-01', '2021-01-01', '2022-01-01'];
  const move = fc.record({
    unitId: fc.constantFrom(...ids),
    parentId: fc.constantFrom(...ids, null),
    validFrom: fc.constantFrom(...days),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      let tree: UnitTree = treeOf(ids.map((id) => under(id, null)));
      for (const next of moves) {
        try {
          tree = hang(tree, next);
        } catch {
          continue; // refused: the tree stays as it was
        }
        expect(parentAt(tree, next.unitId, next.validFrom)).toBe(next.parentId);
      }
      for (const day of days) for (const id of ids) expect(ancestorsAt(tree, id, day)).not.toContain(id);
    }),
  );
});
