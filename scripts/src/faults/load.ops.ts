/** The pieces of work: each is a few mutations, one after the other, of which each must bring about one event. */
import { addDays } from '@merit/chassis/local-date';
import type { Graph } from '../graph.client.js';
import type { Chance } from '../seed/chance.js';
import type { Acknowledged } from './ledger.js';
import { type World, YEAR } from './world.js';

type Told = Pick<Acknowledged, 'service' | 'subject' | 'sequence' | 'type' | 'training'>;

export interface Step {
  readonly query: string;
  readonly input: (known: unknown) => Record<string, unknown>;
  /** Writes down what was told, and answers what the next step must know. */
  // biome-ignore lint/suspicious/noExplicitAny: a GraphQL answer is what the query asked for
  readonly read: (data: any, known: unknown, tell: (told: Told) => void) => unknown;
}

export interface Op {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Gives back what it kept others from. */
  readonly done: () => void;
}

/** What the office has on its desk: places in sessions that nobody took yet, and who is being dealt with. */
export interface Desk {
  readonly places: { readonly sessionId: string; readonly employeeId: string }[];
  readonly busy: Set<string>;
  /** Of each person moved, how often; of each served, until when. */
  readonly moves: Map<string, number>;
  readonly days: Map<string, number>;
  sessions: number;
  /** One of the clients is opening another session. */
  opening: boolean;
}

export const newDesk = (): Desk => ({
  ...{ places: [], busy: new Set(), moves: new Map(), days: new Map() },
  ...{ sessions: 0, opening: false },
});

const SCHEDULE = 'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }';

/** A session for everyone; their days differ, so that no hours are held against each other. */
function nextSession({ courseId }: Pick<World, 'courseId'>, desk: Desk) {
  const day = addDays(`${YEAR}-01-01`, desk.sessions++);
  return { courseId, code: `UJI-${desk.sessions}`, startsOn: day, endsOn: day, quota: 1_000, maxHours: 8 };
}

const layOut = ({ people }: Pick<World, 'people'>, desk: Desk, sessionId: string): unknown =>
  desk.places.push(...people.map((employeeId) => ({ sessionId, employeeId })));

/** Opens a session, so that there is work from the beginning. */
export async function openSession(graph: Graph, world: Pick<World, 'courseId' | 'people'>, desk: Desk): Promise<void> {
  const input = nextSession(world, desk);
  const { scheduleSession } = await graph.ask<{ scheduleSession: { session: { id: string } } }>(SCHEDULE, {
    input: { ...input, idempotencyKey: input.code },
  });
  layOut(world, desk, scheduleSession.session.id);
}

/** The same as a piece of work, for a fault that takes long uses up the places there are. */
function session(world: World, desk: Desk): Op {
  desk.opening = true;
  return {
    name: 'session',
    done: () => {
      desk.opening = false;
    },
    steps: [
      {
        query: SCHEDULE,
        input: () => nextSession(world, desk),
        read: (data) => layOut(world, desk, data.scheduleSession.session.id),
      },
    ],
  };
}

/** So many places are few: another session is opened. */
const FEW = 20;

/** The next piece of work; what it is, chance decides. */
export function opsOf(world: World, desk: Desk, chance: Chance): Op {
  const kind = chance.next();
  if (desk.places.length < FEW && !desk.opening) return session(world, desk);
  if (kind < 0.6) return training(desk, chance) ?? complaint(world, chance);
  if (kind < 0.75) return complaint(world, chance);
  if (kind < 0.9) return service(world, desk, chance) ?? complaint(world, chance);
  return transfer(world, desk, chance) ?? complaint(world, chance);
}

const mutation = (name: string, input: string, answer: string): string =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${answer} } }`;

/** Takes a place, records the result, and more often than not corrects it. */
function training(desk: Desk, chance: Chance): Op | undefined {
  const place = desk.places.shift();
  if (!place) return undefined;
  const { employeeId } = place;
  const hours = [chance.between(1, 3), ...(chance.isTrue(0.6) ? [chance.between(4, 6)] : [])];
  const record = (type: string, sequence: number, n: number) =>
    ({
      read: (_, enrolmentId, tell) => {
        const subject = `enrolment/${enrolmentId}`;
        tell({ service: 'competency', subject, sequence, type, training: { employeeId, hours: n } });
        return enrolmentId;
      },
    }) satisfies Pick<Step, 'read'>;
  const [first = 1, second] = hours;
  return {
    name: 'training',
    done: () => undefined,
    steps: [
      {
        query: mutation('enrol', 'EnrolInput', 'enrolment { id }'),
        input: () => ({ ...place }),
        read: (data) => data.enrol.enrolment.id,
      },
      {
        query: mutation('completeTraining', 'CompleteTrainingInput', 'enrolment { id }'),
        input: (enrolmentId) => ({
          ...{ enrolmentId, hours: first, certificateNumber: `UJI-${enrolmentId}` },
          completedAt: `${YEAR}-11-01T02:00:00Z`,
        }),
        ...record('merit.competency.v1.TrainingCompleted', 1, first),
      },
      ...(second === undefined
        ? []
        : [
            {
              query: mutation('correctTraining', 'CorrectTrainingInput', 'enrolment { id }'),
              input: (enrolmentId: unknown) => ({ enrolmentId, hours: second, reason: 'salah ketik' }),
              ...record('merit.competency.v1.TrainingCorrected', 2, second),
            },
          ]),
    ],
  };
}

/** Someone complains, and it is dealt with. */
function complaint({ services, people }: World, chance: Chance): Op {
  const serviceId = chance.pick(services);
  const said = (type: string, sequence: number): Pick<Step, 'read'> => ({
    read: (_, id, tell) => {
      tell({ service: 'feedback', subject: `complaint/${id}`, sequence, type: `merit.feedback.v1.${type}` });
      return id;
    },
  });
  return {
    name: 'complaint',
    done: () => undefined,
    steps: [
      {
        query: mutation('submitComplaint', 'SubmitComplaintInput', 'complaint { id }'),
        input: () => ({ serviceId, text: 'Loket tutup sebelum waktunya.' }),
        read: (data, _, tell) => said('ComplaintReceived', 1).read(data, data.submitComplaint.complaint.id, tell),
      },
      {
        query: mutation('forwardComplaint', 'ForwardComplaintInput', 'complaint { id }'),
        input: (complaintId) => ({ complaintId, class: 'SIMPLE' }),
        ...said('ComplaintForwarded', 2),
      },
      {
        query: mutation('resolveComplaint', 'ResolveComplaintInput', 'complaint { id }'),
        input: (complaintId) => ({ complaintId, answer: 'Sudah ditangani.', handlerId: chance.pick(people) }),
        ...said('ComplaintResolved', 3),
      },
    ],
  };
}

/** Of a person, one at a time: their events are numbered together. */
function someoneFree(people: readonly string[], desk: Desk, chance: Chance): string | undefined {
  const free = people.filter((id) => !desk.busy.has(id));
  const id = free.length > 0 ? chance.pick(free) : undefined;
  if (id) desk.busy.add(id);
  return id;
}

const onPerson = (employeeId: string, type: string): Told => ({
  ...{ service: 'personnel', subject: `employee/${employeeId}`, type: `merit.personnel.v1.${type}` },
  sequence: 0,
});

/** A person serves for a day. */
function service({ people, services }: World, desk: Desk, chance: Chance): Op | undefined {
  const employeeId = someoneFree(people, desk, chance);
  if (!employeeId) return undefined;
  const days = (desk.days.get(employeeId) ?? 0) + 1;
  desk.days.set(employeeId, days);
  const validFrom = addDays(`${YEAR}-01-01`, days);
  return {
    name: 'service',
    done: () => void desk.busy.delete(employeeId),
    steps: [
      {
        query: mutation('assignService', 'AssignServiceInput', 'serviceAssignment { id }'),
        input: () => ({ employeeId, serviceId: chance.pick(services), validFrom }),
        read: (data, _, tell) => {
          tell(onPerson(employeeId, 'ServiceAssigned'));
          return data.assignService.serviceAssignment.id;
        },
      },
      {
        query: mutation('endService', 'EndServiceInput', 'serviceAssignment { id }'),
        input: (serviceAssignmentId) => ({ serviceAssignmentId, validTo: validFrom }),
        read: (_, known, tell) => {
          tell(onPerson(employeeId, 'ServiceEnded'));
          return known;
        },
      },
    ],
  };
}

/** A person is moved to the other agency, and next time back. */
function transfer({ movers, agencies }: World, desk: Desk, chance: Chance): Op | undefined {
  const employeeId = someoneFree(movers, desk, chance);
  if (!employeeId) return undefined;
  const moves = (desk.moves.get(employeeId) ?? 0) + 1;
  desk.moves.set(employeeId, moves);
  return {
    name: 'transfer',
    done: () => void desk.busy.delete(employeeId),
    steps: [
      {
        query: mutation('transferEmployee', 'TransferEmployeeInput', 'employee { id }'),
        input: () => ({
          ...{ employeeId, toAgencyId: agencies[moves % 2] },
          validFrom: addDays(`${YEAR}-01-01`, moves),
        }),
        read: (_, known, tell) => {
          tell(onPerson(employeeId, 'EmployeeTransferred'));
          return known;
        },
      },
    ],
  };
}
