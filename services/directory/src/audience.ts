/** Those who may see a field or do a thing, as the schema's `@access` names them. */

const AUDIENCES = [
  'PUBLIC',
  'STAFF',
  'SELF',
  'SUPERVISOR',
  'DIRECT_SUPERVISOR',
  'HR',
  'OFFICER',
  'PARTNER',
  'AUDITOR',
  'ADMIN',
  'INHERIT',
] as const;
export type Audience = (typeof AUDIENCES)[number];

/** Audiences that depend on whom or what the thing is about. */
export const RELATIONAL: ReadonlySet<Audience> = new Set([
  'SELF',
  'SUPERVISOR',
  'DIRECT_SUPERVISOR',
  'HR',
  'OFFICER',
  'PARTNER',
  'AUDITOR',
] as const);

/** Whom or what a thing is about: ids. An absent or null one satisfies no audience that is judged by it. */
export interface About {
  readonly employee?: string | null | undefined;
  readonly unit?: string | null | undefined;
  readonly agency?: string | null | undefined;
  /** The calendar year in which a relation to the employee must have held on some day; absent or null: it holds today. */
  readonly year?: number | null | undefined;
  /** With a year: one that holds today will do as well. */
  readonly orToday?: boolean | undefined;
}

export const accessTypeDefs = `
  """
  Who may see a field or use an argument, input field or enum value. A type's rule is that of its fields unless they have
  their own. employee, unit and agency name the property of the parent (of a root field: the argument, such as
  input.agencyId) with the id that the audience is judged by; a field takes over those of its type. year names the field's
  argument, or else the property of the parent, with the calendar year that the thing is of: then supervisors, personnel
  officers and auditors are those of that year, and otherwise those of today; with orToday they are both.
  """
  directive @access(to: [Audience!]!, employee: String, unit: String, agency: String, year: String, orToday: Boolean) on
    OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE

  """Those who may see something."""
  enum Audience {
    """Anyone."""
    PUBLIC
    """A signed-in civil servant."""
    STAFF
    """The employee whom the thing is about."""
    SELF
    """That employee's direct or higher supervisor (atasan langsung, atasan dari atasan)."""
    SUPERVISOR
    """That employee's direct supervisor (atasan langsung), for what is written in their own words."""
    DIRECT_SUPERVISOR
    """A personnel officer of that employee's or unit's agency."""
    HR
    """A complaint officer of that unit, or of a unit above it."""
    OFFICER
    """A partner agency's client, of the people whom an agreement that stands today names."""
    PARTNER
    """The inspectorate of that agency: reads, never writes."""
    AUDITOR
    """Runs the system: sees operations, not people."""
    ADMIN
    """Whoever was allowed the field that led here."""
    INHERIT
  }
`;
