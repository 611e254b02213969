/** A partner agency: its machine client, and the agreement by which it reads of some people. */
import type { Graph } from '../graph.client.js';
import { DEPARTMENT } from './cast.js';
import type { Staff } from './staff.js';
import { daysAgo } from './when.js';

/** Whom one signs in as to be the client. The embedded identity provider knows its id with client credentials, too. */
export const PARTNER = {
  handle: 'partner',
  clientId: 'merit-machine',
  name: 'Partner agency',
  description: `machine client: at /partner/graphql it sees who works in ${DEPARTMENT} of the first agency, by agreement`,
};

/** The agency agrees to share the people of one department. */
export async function signAgreement(graph: Graph, { agencyId, units }: Staff): Promise<void> {
  await graph.ask('mutation ($input: SignAgreementInput!) { signAgreement(input: $input) { agreement { id } } }', {
    input: {
      clientId: PARTNER.clientId,
      agencyId,
      purpose: 'Pemetaan kebutuhan pelatihan layanan kependudukan',
      unitIds: [units.get(DEPARTMENT)],
      validFrom: daysAgo(30),
      decreeNumber: '100.3.7/900/2026',
      decreeDate: daysAgo(31),
      idempotencyKey: `seed-agreement-${agencyId}`,
    },
  });
}
