/** Trainings: sessions are opened, places in them taken, and results recorded and corrected. */
import { addDays } from '@merit/chassis/local-date';
import type { Graph } from '../graph.client.js';
import type { Chance } from '../seed/chance.js';
import type { Desk } from './ops.desk.js';
import { mutation, type Op, same, type Told } from './ops.step.js';
import { YEAR } from './world.fill.js';
import type { World } from './world.js';

type Course = Pick<World, 'courseId' | 'people'>;

/** So many places are few: another session is opened. */
export const FEW = 20;

const SCHEDULE = mutation('scheduleSession', 'ScheduleSessionInput', 'session { id }');

/** A session for everyone; their days differ, so that no hours are held against each other. */
function nextSession({ courseId }: Course, desk: Desk) {
  const day = addDays(`${YEAR}-01-01`, desk.sessions++);
  return { courseId, code: `UJI-${desk.sessions}`, startsOn: day, endsOn: day, quota: 1_000, maxHours: 8 };
}

function layOut({ people }: Course, desk: Desk, sessionId: string): string {
  desk.places.push(...people.map((employeeId) => ({ sessionId, employeeId })));
  return sessionId;
}

/** Opens a session, so that there is work from the beginning. */
export async function openSession(graph: Graph, world: Course, desk: Desk): Promise<void> {
  const input = nextSession(world, desk);
  const { scheduleSession } = await graph.ask<{ scheduleSession: { session: { id: string } } }>(SCHEDULE, {
    input: { ...input, idempotencyKey: input.code },
  });
  layOut(world, desk, scheduleSession.session.id);
}

/** The same as a piece of work, for a fault that takes long uses up the places there are. */
export function session(world: Course, desk: Desk): Op {
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

/** Takes a place, records the result, and more often than not corrects it; nothing when there is no place. */
export function training(desk: Desk, chance: Chance): Op | undefined {
  const place = desk.places.shift();
  if (!place) return undefined;
  const { employeeId } = place;
  const [first, second] = [chance.between(1, 3), chance.isTrue(0.6) ? chance.between(4, 6) : undefined];
  const told = (type: string, sequence: number, hours: number): Told => ({
    ...{ service: 'competency', type: `merit.competency.v1.${type}` },
    of: (enrolmentId) => ({ subject: `enrolment/${enrolmentId}`, sequence, training: { employeeId, hours } }),
  });
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
        read: same,
        event: told('TrainingCompleted', 1, first),
      },
      ...(second === undefined
        ? []
        : [
            {
              query: mutation('correctTraining', 'CorrectTrainingInput', 'enrolment { id }'),
              input: (enrolmentId: string) => ({ enrolmentId, hours: second, reason: 'salah ketik' }),
              read: same,
              event: told('TrainingCorrected', 2, second),
            },
          ]),
    ],
  };
}
