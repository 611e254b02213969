/** The document as a page that needs neither script nor network: it can be sent by mail, printed, and read by keyboard. */
import { readFileSync } from 'node:fs';
import { ROOT } from '../start.plan.js';

interface Field {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly contentEncoding?: string;
  readonly const?: string;
  readonly $ref?: string;
  readonly allOf?: readonly [Field];
  readonly items?: Field;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly deprecated?: boolean;
  readonly 'x-protobuf-number'?: number;
  readonly 'x-may-be-absent'?: boolean;
}
interface Message {
  readonly title: string;
  readonly summary: string;
  readonly payload: Field;
  readonly 'x-aggregate'?: string;
  readonly bindings: { readonly kafka: { readonly key: { readonly description: string } } };
}
interface Operation {
  readonly action: 'send' | 'receive';
  readonly channel: { readonly $ref: string };
  readonly messages: readonly { readonly $ref: string }[];
  readonly tags: readonly [{ readonly name: string }];
}
/** What the page shows of an AsyncAPI document. */
export interface Shown {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly channels: Readonly<
    Record<string, { readonly description: string; readonly messages: Readonly<Record<string, unknown>> }>
  >;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>;
    readonly schemas: Readonly<Record<string, Field>>;
  };
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
/** Text with its blocks as paragraphs, and what stands in backticks as code. */
const prose = (text: string) =>
  text
    .split('\n\n')
    .map((block) => `<p>${escaped(block).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`)
    .join('\n');
const last = (reference: string) => reference.slice(reference.lastIndexOf('/') + 1);
const short = (type: string) => type.slice(type.lastIndexOf('.') + 1);

const types = ({ components }: Shown) => Object.keys(components.schemas).filter((name) => name.startsWith('merit.'));

export function pageOf(document: Shown): string {
  const { info, channels, components } = document;
  const parts = types(document).filter((name) => !components.messages[name]);
  const topics = Object.keys(channels);
  const own = (topic: string) => Object.keys(channels[topic]!.messages).filter((type) => type.startsWith(topic));
  const house = Object.keys(components.messages).filter((type) => !topics.some((topic) => own(topic).includes(type)));
  const link = (type: string) => `<li><a href="#${type}">${short(type)}</a></li>`;
  const group = (title: string, anchor: string, names: readonly string[]) =>
    `<details><summary><a href="#${anchor}">${title}</a></summary><ul>${names.map(link).join('')}</ul></details>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escaped(info.title)}</title>
<link rel="icon" href="data:," />
<style>
${readFileSync(`${ROOT}scripts/asyncapi.css`, 'utf8').trim()}
</style>
</head>
<body>
<a class="skip" href="#main">To the events</a>
<nav aria-label="Topics">
<strong>${escaped(info.title)}</strong>
${topics.map((topic) => group(topic, topic, own(topic))).join('\n')}
${group('of every publisher', 'house', house)}
${group('parts of events', 'parts', parts)}
<p><a href="#headers">headers</a></p>
</nav>
<main id="main">
<h1>${escaped(info.title)}</h1>
${prose(info.description)}
${overview(document)}
${topics.map((topic) => section(topic, topic, channels[topic]!.description, own(topic), document)).join('\n')}
${section('house', 'What every publisher says', 'On its own topic, or on merit.requests.v1.', house, document)}
<section id="parts"><h2>Parts of events</h2>
${parts.map((name) => part(name, components.schemas[name]!)).join('\n')}
</section>
<section id="headers"><h2>Headers</h2>
<p>Of an event. A heartbeat and the end of a run of snapshots have no subject, number and key of their own.</p>
${fields(components.schemas['EventHeaders']!)}
</section>
</main>
</body>
</html>
`;
}

/** Who publishes and who reads, topic by topic. */
function overview({ channels, operations }: Shown): string {
  const who = (topic: string, action: Operation['action']) =>
    Object.values(operations)
      .filter((each) => each.action === action && last(each.channel.$ref) === topic)
      .map(({ tags }) => tags[0].name)
      .join(', ') || '–';
  const rows = Object.keys(channels).map(
    (topic) =>
      `<tr><td><a href="#${topic}">${topic}</a></td><td>${who(topic, 'send')}</td><td>${who(topic, 'receive')}</td></tr>`,
  );
  return table(['Topic', 'Publishes', 'Reads'], rows);
}

const section = (anchor: string, title: string, says: string, names: readonly string[], document: Shown) =>
  `<section id="${anchor}"><h2>${escaped(title)}</h2>
${prose(says)}
${names.map((type) => event(type, document)).join('\n')}
</section>`;

function event(type: string, { components, operations }: Shown): string {
  const { title, summary, payload, bindings, 'x-aggregate': aggregate } = components.messages[type]!;
  const readers = Object.values(operations)
    .filter(({ action, messages }) => action === 'receive' && messages.some(({ $ref }) => last($ref) === type))
    .map(({ tags }) => tags[0].name);
  const schema = payload.$ref ? components.schemas[last(payload.$ref)]! : payload;
  const facts = [
    ...(aggregate ? [fact('aggregate', aggregate)] : []),
    fact('key', bindings.kafka.key.description),
    fact('read by', [...new Set(readers)].join(', ') || 'nobody so far'),
  ];
  return `<article id="${type}"><h3><a href="#${type}">${title}</a> <small>${type}</small></h3>
${prose(summary)}
<dl>${facts.join('')}</dl>
${fields(schema)}</article>`;
}

const fact = (name: string, says: string) => `<div><dt>${name}</dt><dd>${escaped(says)}</dd></div>`;

const part = (name: string, schema: Field) =>
  `<article id="${name}"><h3><a href="#${name}">${short(name)}</a> <small>${name}</small></h3>
${prose(schema.description ?? '')}
${schema.enum ? `<p>${schema.enum.map((value) => `<code>${value}</code>`).join(' ')}</p>` : fields(schema)}</article>`;

function fields({ properties, required }: Field): string {
  if (!properties) return '';
  const numbered = Object.values(properties).some((field) => field['x-protobuf-number']);
  const rows = Object.entries(properties).map(([name, field]) => {
    const absent = field['x-may-be-absent'] || (required && !required.includes(name));
    const marks = `${absent ? ' <i>may be absent</i>' : ''}${field.deprecated ? ' <i>deprecated</i>' : ''}`;
    const number = numbered ? `<td>${field['x-protobuf-number'] ?? ''}</td>` : '';
    return `<tr>${number}<td><code>${name}</code>${marks}</td><td>${typeName(field)}</td><td>${escaped(field.description ?? '')}</td></tr>`;
  });
  return table([...(numbered ? ['No.'] : []), 'Field', 'Type', 'Meaning'], rows);
}

function typeName(field: Field): string {
  if (field.items) return `list of ${typeName(field.items)}`;
  const reference = field.$ref ?? field.allOf?.[0].$ref;
  if (reference) return `<a href="#${last(reference)}">${short(last(reference))}</a>`;
  if (field.const) return `<code>${escaped(field.const)}</code>`;
  if (field.contentEncoding) return 'bytes';
  return field.format ?? field.type ?? '';
}

const table = (head: readonly string[], rows: readonly string[]) =>
  `<div class="table" tabindex="0" role="region" aria-label="${head.join(', ')}"><table><thead><tr>${head.map((each) => `<th scope="col">${each}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
