import fc from 'fast-check';
import { SATISFACTION_FIGURES } from '../satisfaction/satisfaction.figures.js';
import { perElement } from '../satisfaction/satisfaction.js';
import { type Batch, enterForm, type FormEntry, requireAnswers, requireBatchSize } from './survey.js';

const figures = SATISFACTION_FIGURES[0]!;
const batch: Batch = { id: 'b1', serviceId: 's1', kind: 'FORM', code: 'K7Q2', size: 50, issuedOn: '2026-02-01' };
const entry: FormEntry = { batchCode: 'K7Q2', number: 7, answeredOn: '2026-02-03', answers: perElement(() => 3) };
const about: Parameters<typeof enterForm>[1] = { serviceId: 's1', batch, today: '2026-03-01', twin: 1 };
const enter = (over: Partial<FormEntry> = {}, where: Partial<typeof about> = {}) =>
  enterForm({ ...entry, ...over }, { ...about, ...where }, figures);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a paper form', () => {
  test.each([1, 7, 50])('with the number %i of its batch counts', (number) => {
    expect(enter({ number })).toEqual({
      serviceId: 's1',
      answeredOn: '2026-02-03',
      answers: entry.answers,
      counted: true,
      batchId: 'b1',
      number,
      content: null,
    });
  });

  test.each([0, -1, 51, 1.5, null])('with the number %p is kept and does not count', (number) => {
    expect(enter({ number })).toMatchObject({
      counted: false,
      batchId: null,
      number: null,
      content: expect.any(String),
    });
  });

  test("with another service's batch, a batch of tokens, or none does not count", () => {
    expect(enter({}, { batch: { ...batch, serviceId: 's2' } }).counted).toBe(false);
    expect(enter({}, { batch: { ...batch, kind: 'TOKEN' } }).counted).toBe(false);
    expect(enter({}, { batch: undefined }).counted).toBe(false);
  });

  test('that does not count is known by what it says and how many like it came before', () => {
    const without = (over: Partial<FormEntry>, twin = 1) => enter({ number: null, ...over }, { twin }).content;
    expect(without({})).toBe(without({}));
    expect(
      new Set([without({}), without({}, 2), without({ answeredOn: '2026-02-04' }), without({ batchCode: null })]).size,
    ).toBe(4);
  });

  test.each([
    ['2026-02-30', 'DATE_INVALID'],
    ['2026-03-02', 'DATE_IN_FUTURE'],
    ['2026-01-31', 'ANSWERED_BEFORE_ISSUE'],
  ])('of %s is refused', (answeredOn, expected) => {
    expect(() => enter({ answeredOn })).toThrow(code(expected));
  });
});

test.each([0, 5, 2.5, -1, Number.NaN])('%p is no answer', (of) => {
  const answers = perElement((element) => (element === 'BIAYA' ? of : 4));
  expect(() => requireAnswers(answers, figures)).toThrow(
    expect.objectContaining({ code: 'ANSWER_OUT_OF_RANGE', params: { field: 'answers.biaya' } }),
  );
});

test('every form of whole answers from 1 to 4 is one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 9, maxLength: 9 }), (given) => {
      let i = -1;
      const answers = perElement(() => {
        i += 1;
        return given[i]!;
      });
      expect(requireAnswers(answers, figures)).toEqual(answers);
    }),
  );
});

test.each([0, 1001, 1.5])('a batch of %p is none', (count) => {
  expect(() => requireBatchSize(count, 1000)).toThrow(code('BATCH_SIZE_OUT_OF_RANGE'));
});
