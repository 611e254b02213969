/** The second part of the seed: what the units offer, who serves there, and what the public says of it. */
import type { Graph } from '../graph.client.js';
import { ELEMENTS } from '../import/kinds.js';
import { type Chance, chanceOf } from './chance.js';
import { each, importRows, whenKnown } from './graph.js';
import type { ServiceSeed } from './organisations.js';
import type { Staff } from './staff.js';
import { day, isOver, LAST_MONTH, YEAR } from './when.js';

export interface ServiceIn {
  readonly id: string;
  readonly code: string;
  readonly department: string;
}

/** Enters the catalogue of services of an agency. */
export async function enterServices(graph: Graph, { seed, agencyId, units }: Staff): Promise<ServiceIn[]> {
  const rows = seed.departments.flatMap(({ code, services }) =>
    services.map((service) => serviceRow(units.get(code)!, code, service)),
  );
  await importRows(graph, 'importServices', 'ImportServicesInput', { agencyId }, rows, 100);
  const found: ServiceIn[] = [];
  await each(seed.departments, async ({ code }) => {
    const { unit } = await graph.ask<{ unit: { services: { edges: { node: { id: string; code: string } }[] } } }>(
      'query ($id: ID!) { unit(id: $id) { services(first: 100) { edges { node { id code } } } } }',
      { id: units.get(code) },
    );
    found.push(...unit.services.edges.map(({ node }) => ({ ...node, department: code })));
  });
  return found.sort((a, b) => (`${a.department} ${a.code}` < `${b.department} ${b.code}` ? -1 : 1));
}

const serviceRow = (unitId: string, department: string, { code, name, limit, unit, requirements }: ServiceSeed) => ({
  unitId,
  code: `${department}-${code}`,
  name,
  standards: [{ name, requirements, limit: { quantity: limit, unit }, fee: 0 }],
});

/** Those at a department's counters serve its services, three or so each, from the year's beginning. */
export async function assignServers(graph: Graph, { people }: Staff, services: readonly ServiceIn[]): Promise<void> {
  const pairs = services.flatMap(({ id, department }, n) => {
    const able = atCounters(people, department);
    const first = n % Math.max(1, able.length - 2);
    return able.slice(first, first + 3).map(({ employeeId, validFrom }) => ({ employeeId, serviceId: id, validFrom }));
  });
  await each(pairs, async ({ employeeId, serviceId, validFrom }) => {
    const from = [validFrom, day(1, 1)].sort()[1]!;
    const input = { employeeId, serviceId, validFrom: from, idempotencyKey: `seed-serves-${employeeId}-${serviceId}` };
    await graph.ask(
      'mutation ($input: AssignServiceInput!) { assignService(input: $input) { serviceAssignment { id } } }',
      { input },
    );
  });
}

/** The staff of a department who are in none of its divisions. */
export const atCounters = (people: Staff['people'], department: string): Staff['people'] =>
  people.filter(({ unitCode, leading }) => unitCode === department && !leading);

/** Paper forms of the survey, filled in since January, and typed in by the office. */
export async function enterSurveys(graph: Graph, { seed }: Staff, services: readonly ServiceIn[]): Promise<void> {
  const chance = chanceOf(`surveys of ${seed.short}`);
  // Drawn before anything is sent, so that the order of answers changes nothing. Some services are hardly asked about.
  const drawn = services.map((service) => {
    const count = chance.isTrue(0.1) ? chance.between(0, 4) : chance.between(24, 64);
    const mood = 2.6 + chance.next() * 1.1;
    return { service, forms: Array.from({ length: count }, () => formOf(chance, mood)) };
  });
  await each(
    drawn.filter(({ forms }) => forms.length > 0),
    async ({ service, forms }) => {
      const { issuePaperBatch } = await whenKnown(() =>
        graph.ask<{ issuePaperBatch: { batchCode: string } }>(
          'mutation ($input: IssuePaperBatchInput!) { issuePaperBatch(input: $input) { batchCode } }',
          {
            input: {
              serviceId: service.id,
              count: forms.length,
              issuedOn: day(1, 1),
              idempotencyKey: `seed-forms-${service.id}`,
            },
          },
        ),
      );
      const rows = forms.map((form, n) => ({ batchCode: issuePaperBatch.batchCode, number: n + 1, ...form }));
      const input = { serviceId: service.id };
      await importRows(graph, 'importSurveyResponses', 'ImportSurveyResponsesInput', input, rows);
    },
    4,
  );
}

function formOf(chance: Chance, mood: number) {
  const answer = () => Math.max(1, Math.min(4, Math.round(mood + (chance.next() + chance.next() - 1) * 1.4)));
  return {
    answeredOn: day(chance.between(1, LAST_MONTH), chance.between(1, 28)),
    answers: Object.fromEntries(ELEMENTS.map((element) => [element, answer()])),
  };
}

const COMPLAINTS = [
  'Antrean terlalu lama dan nomor antrean tidak dipanggil berurutan.',
  'Petugas loket belum ada di tempat sampai pukul sembilan pagi.',
  'Persyaratan di papan pengumuman berbeda dengan yang diminta petugas.',
  'Berkas saya sudah lengkap, tetapi belum selesai melewati waktu standar.',
  'Nomor telepon layanan tidak pernah diangkat.',
] as const;

/** Complaints of an earlier system, with their dates: most finished in time. */
export async function enterComplaints(graph: Graph, staff: Staff, services: readonly ServiceIn[]): Promise<void> {
  const { seed, agencyId, people } = staff;
  const chance = chanceOf(`complaints of ${seed.short}`);
  const rows = services.flatMap(({ id, code, department }) => {
    const able = people.filter(({ unitCode }) => unitCode.startsWith(department));
    return Array.from({ length: chance.between(0, 9) }, (_, n) =>
      complaintRow(
        chance,
        { reference: `${seed.short}-${code}-${n + 1}`, serviceId: id },
        chance.pick(able).employeeId,
      ),
    );
  });
  await importRows(graph, 'importComplaints', 'ImportComplaintsInput', { agencyId }, rows, 250);
}

function complaintRow(chance: Chance, about: { reference: string; serviceId: string }, handlerId: string) {
  const received = Date.UTC(YEAR, chance.between(0, LAST_MONTH - 1), chance.between(1, 28), 2, chance.between(0, 59));
  const after = (daysLater: number) => new Date(received + daysLater * 86_400_000).toISOString();
  const quick = chance.isTrue(0.8);
  const resolvedAt = after(1 + (quick ? chance.between(1, 4) : chance.between(9, 20)));
  return {
    ...about,
    text: chance.pick(COMPLAINTS),
    receivedAt: after(0),
    class: 'SIMPLE',
    forwardedAt: after(1),
    ...(isOver(resolvedAt) ? { resolvedAt, handlerId } : {}),
  };
}
