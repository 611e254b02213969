/** Someone complains, and it is dealt with. */
import type { Chance } from '../seed/chance.js';
import { mutation, type Op, same, type Told } from './ops.step.js';
import type { World } from './world.js';

const told = (type: string, sequence: number): Told => ({
  ...{ service: 'feedback', type: `merit.feedback.v1.${type}` },
  of: (id) => ({ subject: `complaint/${id}`, sequence }),
});

export function complaint({ services, people }: Pick<World, 'services' | 'people'>, chance: Chance): Op {
  const serviceId = chance.pick(services);
  return {
    name: 'complaint',
    done: () => undefined,
    steps: [
      {
        query: mutation('submitComplaint', 'SubmitComplaintInput', 'complaint { id }'),
        input: () => ({ serviceId, text: 'Loket tutup sebelum waktunya.' }),
        read: (data) => data.submitComplaint.complaint.id,
        event: told('ComplaintReceived', 1),
      },
      {
        query: mutation('forwardComplaint', 'ForwardComplaintInput', 'complaint { id }'),
        input: (complaintId) => ({ complaintId, class: 'SIMPLE' }),
        read: same,
        event: told('ComplaintForwarded', 2),
      },
      {
        query: mutation('resolveComplaint', 'ResolveComplaintInput', 'complaint { id }'),
        input: (complaintId) => ({ complaintId, answer: 'Sudah ditangani.', handlerId: chance.pick(people) }),
        read: same,
        event: told('ComplaintResolved', 3),
      },
    ],
  };
}
