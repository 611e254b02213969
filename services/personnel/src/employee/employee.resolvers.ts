import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { DomainError, isId, requireId, requireText } from '@merit/chassis/errors';
import { noteRead } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { agenciesById } from '../agency/agency.table.js';
import { correctEmployee, recordLeaving, registerEmployee, transferEmployee } from './employee.commands.js';
import { type EmployeeFilter, type EmployeeToday, employeePage, employeesById, staffPages } from './employee.table.js';
import { birthDateOf, sexOf } from './identity-number.js';
import { employeesByNip } from './identity-number.table.js';

type EmployeeCommand<C> = (tx: EntityManager, context: ServiceContext, command: C) => Promise<{ employeeId: string }>;

const change =
  <C>(name: string, command: EmployeeCommand<C>) =>
  async (_: unknown, { input }: { input: C & Command }, context: ServiceContext) => {
    const { employeeId } = await once(context, name, input, (tx) => command(tx, context, input));
    return { employee: await load(context, employeesById, employeeId) };
  };

/** A page of people by name. */
async function employeeList(context: ServiceContext, filter: EmployeeFilter, args: PageArguments) {
  const { agencyId, unitId, search } = filter;
  const page = parsePage(args, { keys: 2 });
  const checked = {
    agencyId: agencyId == null ? null : requireId(agencyId, 'agencyId'),
    unitId: unitId == null ? null : requireId(unitId, 'unitId'),
    search: search == null ? null : requireText(search, 'search', { max: 200 }),
  };
  return connection(await employeePage(context, checked, page), page, ({ name, id }) => [name, id]);
}

/** A page of a unit's people by name. */
export async function staffOfUnit(
  context: ServiceContext,
  { unitId, search }: { readonly unitId: string; readonly search?: string | null | undefined },
  args: PageArguments,
) {
  const page = parsePage(args, { keys: 2 });
  const part = search == null ? null : requireText(search, 'search', { max: 200 });
  const rows = await load(context, staffPages, { parent: unitId, page, search: part });
  return connection(rows, page, ({ name, id }) => [name, id]);
}

/** Most numbers that are looked up at once. */
const MOST_NUMBERS = 1000;

export const employeeResolvers = {
  Query: {
    employee: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      load(context, employeesById, requireId(id, 'id')),
    employees: (_: unknown, args: EmployeeFilter & PageArguments, context: ServiceContext) =>
      employeeList(context, args, args),
    me: (_: unknown, __: unknown, context: ServiceContext) =>
      context.viewer.kind === 'EMPLOYEE' ? load(context, employeesById, context.viewer.employeeId) : null,
    employeesByNip: async (_: unknown, args: { agencyId: string; nips: string[] }, context: ServiceContext) => {
      if (args.nips.length > MOST_NUMBERS) {
        throw new DomainError('TOO_MANY_ROWS', `Ask for at most ${MOST_NUMBERS} numbers at once.`, {
          field: 'nips',
          max: MOST_NUMBERS,
        });
      }
      const numbers = args.nips.map((nip) => nip.replace(/[^0-9]/g, ''));
      const found = await employeesByNip(context.db, requireId(args.agencyId, 'agencyId'), numbers);
      const { viewer } = context;
      for (const employee of found.values()) {
        const isSelf = viewer.kind === 'EMPLOYEE' && viewer.employeeId === employee;
        if (!isSelf) noteRead(context, { type: 'Employee', field: 'nip', role: 'HR', employee });
      }
      return args.nips.map((nip, i) => ({ nip, employeeId: found.get(numbers[i]!) ?? null }));
    },
  },
  Mutation: {
    registerEmployee: change('registerEmployee', registerEmployee),
    correctEmployee: change('correctEmployee', correctEmployee),
    transferEmployee: change('transferEmployee', transferEmployee),
    recordLeaving: change('recordLeaving', recordLeaving),
  },
  EmployeeByNip: {
    employee: ({ employeeId }: { employeeId: string | null }, _: unknown, context: ServiceContext) =>
      employeeId === null ? null : load(context, employeesById, employeeId),
  },
  Employee: {
    __resolveReference: ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) ? load(context, employeesById, id) : null,
    agency: ({ agencyId }: EmployeeToday, _: unknown, context: ServiceContext) => load(context, agenciesById, agencyId),
    birthDate: ({ nip }: EmployeeToday) => birthDateOf(nip),
    sex: ({ nip }: EmployeeToday) => sexOf(nip),
  },
};
