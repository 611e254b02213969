import { createPosition, type Position } from './position.js';

const position: Position = { id: 'p', unitId: 'u', title: 'Kepala Dinas', kind: 'JPT', leading: true };
const code = (value: string) => expect.objectContaining({ code: value });

test('a unit has one position of a title, and one that leads', () => {
  expect(createPosition({ ...position, title: ' Kepala Dinas ' }, []).state).toEqual(position);
  expect(() => createPosition({ ...position, leading: false, title: 'KEPALA dinas' }, [position])).toThrow(
    code('POSITION_EXISTS'),
  );
  expect(() => createPosition({ ...position, title: 'Ketua' }, [position])).toThrow(code('UNIT_HAS_LEADER'));
  expect(createPosition({ ...position, title: 'Staf', leading: false }, [position]).state.leading).toBe(false);
});
