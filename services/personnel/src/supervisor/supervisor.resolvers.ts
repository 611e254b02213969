import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import type { LocalDate } from '@merit/chassis/local-date';
import { supervisorsAt } from '@merit/directory/directory';
import type { EntityManager } from 'typeorm';
import { type EmployeeToday, employeesById } from '../employee/employee.table.js';
import { overrideSupervisor, withdrawSupervisorOverride } from './supervisor.commands.js';
import type { SupervisorOverride } from './supervisor.js';
import { overridesById } from './supervisor.table.js';

type OverrideCommand<C> = (
  tx: EntityManager,
  context: ServiceContext,
  command: C,
) => Promise<{ overrideId: string; employeeId: string }>;

const change =
  <C>(name: string, command: OverrideCommand<C>) =>
  (_: unknown, { input }: { input: C & Command }, context: ServiceContext) =>
    once(context, name, input, (tx) => command(tx, context, input));

async function supervisorsOn({ db }: ServiceContext, keys: readonly { employeeId: string; date: LocalDate }[]) {
  const byDate = new Map<LocalDate, Map<string, string | null>>();
  for (const date of new Set(keys.map((key) => key.date))) {
    const ids = keys.filter((key) => key.date === date).map(({ employeeId }) => employeeId);
    byDate.set(date, await supervisorsAt(db, ids, date));
  }
  return keys.map(({ employeeId, date }) => byDate.get(date)?.get(employeeId) ?? null);
}

export const supervisorResolvers = {
  Mutation: {
    overrideSupervisor: change('overrideSupervisor', overrideSupervisor),
    withdrawSupervisorOverride: change('withdrawSupervisorOverride', withdrawSupervisorOverride),
  },
  Employee: {
    supervisor: async ({ id, today }: EmployeeToday, { at }: { at?: LocalDate | null }, context: ServiceContext) => {
      const supervisorId = await load(context, supervisorsOn, { employeeId: id, date: at ?? today });
      return supervisorId === null ? null : load(context, employeesById, supervisorId);
    },
  },
  SupervisorOverridePayload: {
    override: ({ overrideId }: { overrideId: string }, _: unknown, context: ServiceContext) =>
      load(context, overridesById, overrideId),
    employee: ({ employeeId }: { employeeId: string }, _: unknown, context: ServiceContext) =>
      load(context, employeesById, employeeId),
  },
  SupervisorOverride: {
    supervisor: ({ supervisorId }: SupervisorOverride, _: unknown, context: ServiceContext) =>
      load(context, employeesById, supervisorId),
  },
};
