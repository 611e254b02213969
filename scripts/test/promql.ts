/** What an expression of Prometheus' language asks for, and which labels its answer has. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Metric } from './metrics.js';

/** What Prometheus adds to every series that it fetches, and the figure that it makes of each process itself. */
const OF_TARGET = ['instance', 'job'];
const OF_PROMETHEUS: readonly Metric[] = [{ name: 'up', type: 'gauge', labels: [], help: '' }];

/** What somebody who looks has to read a figure of a kind by. */
const PARTS: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

/**
 * The labels of the answer.
 * @throws for what is no expression, and for a figure or a label that is not there
 */
export function labelsOf(expression: string, metrics: ReadonlyMap<string, Metric>): string[] {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const tree = parser.parse(text);
  tree.iterate({
    enter({ type, from }) {
      if (type.isError) throw new Error(`${expression} is no expression, from ${text.slice(from)}`);
    },
  });
  return [...labels(tree.topNode.firstChild!, { text, metrics })].sort();
}

interface Reading {
  readonly text: string;
  readonly metrics: ReadonlyMap<string, Metric>;
}

function labels(node: SyntaxNode, reading: Reading): Set<string> {
  switch (node.name) {
    case 'VectorSelector':
      return selected(node, reading);
    case 'AggregateExpr':
      return aggregated(node, reading);
    case 'BinaryExpr':
      return combined(node, reading);
    case 'FunctionCall':
      return called(node, reading);
    default: {
      const within = children(node).filter(({ name }) => !name.startsWith('NumberDuration'));
      return within.length === 0 ? new Set() : labels(within[0]!, reading);
    }
  }
}

function selected(node: SyntaxNode, reading: Reading): Set<string> {
  const name = textOf(node.getChild('Identifier'), reading);
  const known = new Set([...figure(name, reading.metrics), ...OF_TARGET]);
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  need(
    known,
    matchers.map((matcher) => textOf(matcher.getChild('LabelName'), reading)),
    name,
  );
  return known;
}

/** A histogram is read by its parts, any other figure by its name. */
function figure(name: string, metrics: ReadonlyMap<string, Metric>): readonly string[] {
  for (const metric of [...metrics.values(), ...OF_PROMETHEUS]) {
    const parts = PARTS[metric.type] ?? [''];
    const part = parts.find((ending) => metric.name + ending === name);
    if (part !== undefined) return part === '_bucket' ? [...metric.labels, 'le'] : metric.labels;
  }
  throw new Error(`No process has the figure ${name}.`);
}

function aggregated(node: SyntaxNode, reading: Reading): Set<string> {
  const of = labels(node.getChild('FunctionCallBody')!, reading);
  const modifier = node.getChild('AggregateModifier');
  if (!modifier) return new Set();
  const named = grouping(modifier, reading);
  need(of, named, textOf(node, reading));
  return new Set(modifier.getChild('By') ? named : [...of].filter((label) => !named.includes(label)));
}

function combined(node: SyntaxNode, reading: Reading): Set<string> {
  const sides = children(node).filter(({ name }) => OPERANDS.includes(name));
  const [left, right] = sides.map((side) => labels(side, reading));
  const modifier = node.getChild('MatchingModifierClause');
  if (modifier) for (const side of [left!, right!]) need(side, grouping(modifier, reading), textOf(node, reading));
  const isScalar = (side: SyntaxNode | undefined) => side?.name.startsWith('NumberDuration');
  return isScalar(sides[0]) ? right! : left!;
}

const OPERANDS = [
  'AggregateExpr',
  'BinaryExpr',
  'FunctionCall',
  'NumberDurationLiteral',
  'ParenExpr',
  'VectorSelector',
];

function called(node: SyntaxNode, reading: Reading): Set<string> {
  const name = textOf(node.getChild('FunctionIdentifier'), reading);
  if (name === 'vector') return new Set();
  const of = labels(node.getChild('FunctionCallBody')!, reading);
  if (name !== 'histogram_quantile') return of;
  need(of, ['le'], textOf(node, reading));
  return new Set([...of].filter((label) => label !== 'le'));
}

const grouping = (modifier: SyntaxNode, reading: Reading): string[] =>
  (modifier.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map((label) => textOf(label, reading));

function need(there: ReadonlySet<string>, wanted: readonly string[], where: string): void {
  const missing = wanted.filter((label) => !there.has(label));
  if (missing.length > 0) throw new Error(`${where} has no label ${missing.join(', ')}.`);
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

const textOf = (node: SyntaxNode | null, { text }: Reading): string => (node ? text.slice(node.from, node.to) : '');
