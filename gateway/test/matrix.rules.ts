/** What `@access` promises: a field's rule, a viewer, and whom or what the thing is about → whether it may be seen. */

/** Whom or what a thing is about: ids. */
export interface About {
  readonly employee?: string | undefined;
  readonly unit?: string | undefined;
  readonly agency?: string | undefined;
}

/** A field's rule, as gateway/contracts/access.txt has it. */
export interface Rule {
  readonly to: readonly string[];
  /** Which ids it is judged by; with `year`, as of that year, which in the scene is as today. */
  readonly by: readonly string[];
}
export type Rules = ReadonlyMap<string, Rule>;

/** Who asks: what they are to whom is said by hand, never asked of Merit. */
export interface Viewer {
  readonly name: string;
  readonly token: string | null;
  readonly is: (audience: string, about: About) => boolean;
}

/** Coordinate → rule, from lines such as `Employee.nip — HR, SELF; employee: "id"`. A field without a rule is not in it. */
export function readRules(text: string): Map<string, Rule> {
  const lines = text.trim().split('\n');
  return new Map(
    lines.flatMap((line): [string, Rule][] => {
      const [coordinate, rule] = line.split(' — ') as [string, string];
      if (rule === 'no rule') return [];
      const [to, ...by] = rule.split('; ');
      return [[coordinate, { to: to!.split(', '), by: by.map((each) => each.split(':')[0]!) }]];
    }),
  );
}

/** Whether the viewer is one of those for whom the rule is. INHERIT was judged at the field that led here, and allowed. */
export const allows = ({ to, by }: Rule, viewer: Viewer, about: About): boolean => {
  const named: About = Object.fromEntries(by.map((name) => [name, about[name as keyof About]]));
  return to.some((audience) => audience === 'INHERIT' || viewer.is(audience, named));
};
