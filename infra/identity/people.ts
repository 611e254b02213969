/** The people of the sample data, of whom one can be chosen to sign in as. */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';

const schema = z.array(
  z.object({
    handle: z.string().min(1),
    /** Absent for one who is signed in and is no employee. */
    employeeId: z.uuid().optional(),
    /** Of a partner agency's machine client: its id. It is nobody's person. */
    clientId: z.string().min(1).max(255).optional(),
    name: z.string(),
    /** What this person is, and may do. */
    description: z.string(),
  }),
);

export type Person = z.infer<typeof schema>[number];

/** Always there: who fills an empty system, before there are any people. It is no employee. */
const SYSTEM: Person = {
  handle: 'system',
  name: 'System',
  description: 'runs the system: grants roles, sees no people',
};

export interface People {
  readonly all: () => readonly Person[];
  readonly find: (handle: string) => Person | undefined;
}

/** The people of a file, read again when it changes. A file that is missing or broken leaves those known before. */
export function readPeople(file: string): People {
  let known: readonly Person[] = [SYSTEM];
  let version = '';
  const all = () => {
    const stat = statSync(file, { throwIfNoEntry: false });
    const current = stat ? `${stat.mtimeMs}/${stat.size}/${stat.ino}` : '';
    if (current !== '' && current !== version) {
      const people = parse(readFileSync(file, 'utf8'));
      if (people) known = [SYSTEM, ...people.filter(({ handle }) => handle !== SYSTEM.handle)];
      version = current;
    }
    return known;
  };
  return { all, find: (handle) => all().find((person) => person.handle === handle) };
}

function parse(text: string): readonly Person[] | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
