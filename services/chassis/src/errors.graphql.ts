/**
 * What graphql-js says of a request, without the values that it quotes. Its sentences repeat what was sent, and what was
 * sent names people: a NIP that was typed without quotes would come back in the answer and stand in the log.
 * Pure text: rule files may load it, through errors.ts.
 */

/** Sentences about one value, as far as they name only the schema. What they go on with is the value. */
const OF_A_VALUE: readonly RegExp[] = [
  /^Field "(?:\w+\.)?[A-Za-z_]\w*" of required type "[\w![\]]+" was not provided/,
  /^Field "[A-Za-z_]\w*" is not defined by type "\w+"/,
  /^Field "(?:\w+\.)?[A-Za-z_]\w*" must be non-null/,
  /^Expected non-nullable type "[\w![\]]+" not to be null/,
  /^Expected type "\w+" to be an object/,
  /^Expected (?:value of )?type "[\w![\]]+"/,
  /^Exactly one key must be specified for OneOf type "\w+"/,
  // The scalars of graphql-js and of graphql-scalars.
  /^(?:Enum "\w+"|\w+) cannot represent (?:[A-Za-z-]+ |32-bit )*?(?:value|type|date-time-string|timestamp|instance)\b/,
  /^Value is not (?:string|a valid \w+)/,
  /^Argument "\w+" has invalid value/,
  // Our own, from below: what a service has said goes through the gateway as well.
  /^The value does not exist in "\w+" enum/,
  /^It does not fit its type/,
];

/** A value that an enum does not have stands before what is said of it. */
const OF_AN_ENUM = /^Value ".*" does not exist in "(\w+)" enum\./s;

/** A sentence about a value, without it; null when it is none that we know. */
function withoutValue(sentence: string): string | null {
  const type = OF_AN_ENUM.exec(sentence)?.[1];
  if (type) return `The value does not exist in "${type}" enum.`;
  for (const known of OF_A_VALUE) {
    const said = known.exec(sentence);
    if (said) return `${said[0]}.`;
  }
  return null;
}

/** What the parser met is named by its kind; a number or text is somebody's, a name is the document's. */
const OF_THE_PARSER = /^(Syntax Error: .*?\b(?:Int|Float|String|BlockString|Comment)) ".*"(?=\.$)/s;

const OF_A_VARIABLE = /^Variable "\$\w+" got invalid value/;
/** At its end, where in the variable the fault lies. */
const PLACE = / at "\w+(?:\.[A-Za-z_]\w*|\[\d+\])+"$/;

/**
 * `Variable "$input" got invalid value { nip: "1985…" } at "input.hours"; Int cannot represent non-integer value: "x"`
 * becomes `Variable "$input" got invalid value at "input.hours"; Int cannot represent non-integer value.` Of what is
 * wrong, only sentences that we know are let through. Other messages stay as they are, but for values and for names
 * that graphql-js suggests.
 */
export function withoutValues(message: string): string {
  const begin = OF_A_VARIABLE.exec(message)?.[0];
  if (begin === undefined) {
    const said = withoutValue(message) ?? message.replace(OF_THE_PARSER, '$1');
    return said.replace(/ ?Did you mean .+\?$/s, '');
  }
  const end = endOfValue(message, begin.length);
  const place = PLACE.exec(message.slice(begin.length, end))?.[0] ?? '';
  return `${begin}${place}; ${withoutValue(message.slice(end + 2)) ?? 'It does not fit its type.'}`;
}

/** Where the semicolon after a printed value stands: those inside its texts are not it. */
function endOfValue(message: string, from: number): number {
  let quoted = false;
  for (let i = from; i < message.length; i += 1) {
    const character = message[i];
    if (quoted && character === '\\') i += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && message.startsWith('; ', i)) return i;
  }
  return message.length;
}

/**
 * The input field that a message without values is about: `… at "input.rows[0].hours"; …` is `rows[0].hours`, and
 * `…; Field "hours" of required type "Int!" was not provided.` is `hours`. Undefined when it is the variable itself, or
 * no message about a variable.
 */
export function inputFieldOf(message: string): string | undefined {
  const found =
    /^Variable "\$\w+" got invalid value(?: at "\w+(?:\[\d+\])*(?:\.([\w.[\]]+))?")?; (?:Field "(\w+)" (?:of|is))?/.exec(
      message,
    );
  return found?.slice(1).filter(Boolean).join('.') || undefined;
}
