/** The committed description of the events is a valid AsyncAPI document, whole, and says what the services do. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readContracts } from '../src/asyncapi/contracts.js';
import { documentOf } from '../src/asyncapi/document.js';
import { pageOf, type Shown } from '../src/asyncapi/page.js';
import { describe as describeContracts } from '../src/contracts/breaking.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const document = parse(readFileSync(`${root}proto/asyncapi.yaml`, 'utf8'));
const contracts = readContracts(describeContracts(`${root}proto`, { comments: true }));

test('is what AsyncAPI 3 calls a document', () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const valid = ajv.validate(schema, document);
  expect(ajv.errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(ajv.validate(schema, { ...document, channels: { topic: { address: 1 } } })).toBe(false);
});

test('refers to nothing that it does not hold', () => {
  const references: string[] = JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g) ?? [];
  expect(references.length).toBeGreaterThan(100);
  const at = (reference: string) =>
    reference
      .slice(2)
      .split('/')
      .reduce((place, name) => place?.[name], document);
  expect([...new Set(references)].filter((reference) => at(reference) === undefined)).toEqual([]);
});

test('has every event with its words, aggregate and key, and each field with its number', () => {
  for (const { message, aggregate } of contracts.flatMap(({ events }) => events)) {
    const shown = document.components.messages[message.typeName];
    expect(shown.summary).not.toBe('');
    expect(shown['x-aggregate']).toBe(aggregate ?? undefined);
    if (aggregate) expect(shown['x-key']).toMatch(/^[a-z_]+$/);
    for (const { jsonName, number } of message.fields) {
      const field = document.components.schemas[message.typeName].properties[jsonName];
      expect([jsonName, field['x-protobuf-number'], field.description === '']).toEqual([jsonName, number, false]);
    }
  }
});

test('says who reads what', () => {
  const reads = (operation: string) =>
    document.operations[operation].messages.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1));
  expect(reads('performance-reads-merit.competency.v1')).toContain('merit.competency.v1.LearningHoursCounted');
  expect(reads('performance-reads-merit.competency.v1')).not.toContain('merit.competency.v1.TrainingCompleted');
  expect(reads('gateway-reads-merit.feedback.v1')).toContain('merit.feedback.v1.ServiceRegistered');
  expect(reads('personnel-reads-merit.requests.v1')).toContain('merit.events.v1.SnapshotRequested');
  expect(reads('feedback-reads-merit.personnel.v1')).toContain('merit.personnel.v1.EmployeeRegistered');
});

test('is not made of a subscription to what nobody publishes', () => {
  const topic = 'merit.competency.v1';
  const readings = [{ reader: 'performance' as const, topic, types: [`${topic}.TrainingPraised`] }];
  expect(() => documentOf(contracts, readings, '1')).toThrow(/TrainingPraised/);
});

test('shows words of a contract as words, whatever they hold', () => {
  const { info } = document as Shown;
  const html = pageOf({ ...document, info: { ...info, description: '<script>alert(1)</script>' } });
  expect(html).not.toContain('<script');
});
