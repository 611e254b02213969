/** The dashboard, the alerts and the documentation speak of figures that the processes have. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { composeAsWritten, exists, PROCESSES, read, root } from './containers.js';
import { definedMetrics, listedMetrics, type Metric } from './metrics.js';
import { labelsOf } from './promql.js';

const FOLDER = 'infra/observability';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const dashboard = JSON.parse(read(`${FOLDER}/grafana/dashboards/events.json`)) as { uid: string; panels: Panel[] };
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const groups = parse(read(`${FOLDER}/prometheus/alerts.yml`)).groups as { name: string; rules: Rule[] }[];
const rules = groups.flatMap((group) => group.rules);

let metrics: Map<string, Metric>;
beforeAll(async () => {
  metrics = await definedMetrics();
});

/** The labels that a text for people is filled with. */
const filledIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]!);

describe('the figures', () => {
  test('are those that the documentation lists, with type, labels and meaning', () => {
    const own = [...metrics.values()].filter(({ name }) => name.startsWith('merit_'));
    const listed = listedMetrics().map(({ of: _, ...metric }) => metric);
    const byName = (a: Metric, b: Metric) => (a.name < b.name ? -1 : 1);
    expect(listed).toEqual(own.sort(byName));
  });

  test('say what they mean', () => {
    for (const { name, help } of metrics.values()) expect([name, help.length > 10]).toEqual([name, true]);
  });
});

describe('the dashboard', () => {
  test.each(panels.map((panel) => [panel.title, panel] as const))('%s asks for what is there', (_, panel) => {
    expect(panel.description).toMatch(/\.$/);
    expect(panel.targets).not.toEqual([]);
    for (const { expr, legendFormat } of panel.targets!) {
      const labels = labelsOf(expr, metrics);
      expect(labels).toEqual(expect.arrayContaining(filledIn(legendFormat, /\{\{(\w+)\}\}/g)));
    }
  });

  test('lays its panels side by side, each with a number of its own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('shows every figure of the event path', () => {
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    const ofEvents = [...metrics.keys()].filter((name) =>
      /^merit_(relay|transport|consumer|rebuild|snapshot|dead|lease_held)/.test(name),
    );
    expect(ofEvents.filter((name) => !asked.includes(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what is there', (alert, rule) => {
    const labels = labelsOf(rule.expr, metrics);
    expect(rule.for).toMatch(/^\d+m$/);
    expect(['critical', 'warning', 'info']).toContain(rule.labels['severity']);
    const { summary = '', runbook } = rule.annotations;
    expect(summary).toMatch(/\.$/);
    expect(labels).toEqual(expect.arrayContaining(filledIn(summary, /\$labels\.(\w+)/g)));
    expect(runbook).toBe(`docs/observability.md#${alert.toLowerCase()}`);
    expect(read('docs/observability.md')).toMatch(new RegExp(`^#{2,4} ${alert}$`, 'm'));
  });

  test('have names of their own, and a case each', () => {
    const cases = parse(read(`${FOLDER}/prometheus/alerts.test.yml`)).tests as { name: string }[];
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    expect(cases.map(({ name }) => name).slice(0, -1)).toEqual(names);
  });

  const fetched = join(root, FOLDER, 'target/usr/bin/promtool');
  const promtool = existsSync(fetched) ? fetched : 'promtool';
  const isThere = spawnSync(promtool, ['--version']).status === 0;
  if (!isThere) console.warn('*** The alerts are not tried: there is no promtool. See docs/observability.md. ***');
  (isThere ? test : test.skip)('fire on what they are for, and on nothing else', () => {
    const cwd = join(root, FOLDER, 'prometheus');
    for (const args of [
      ['check', 'config', 'prometheus.yml', 'local.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync(promtool, args, { cwd, encoding: 'utf8' });
      expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining('SUCCESS')]);
    }
  });
});

describe('what reads them', () => {
  test('asks every process, at the port that it has', () => {
    const targets = (file: string) =>
      (
        parse(read(`${FOLDER}/prometheus/${file}`)).scrape_configs as {
          job_name: string;
          static_configs: { targets: string[] }[];
        }[]
      ).map(({ job_name, static_configs }) => [job_name, static_configs[0]!.targets[0]]);
    const { services } = composeAsWritten();
    const names = ['gateway', 'personnel', 'performance', 'competency', 'feedback'];
    expect([...names].sort()).toEqual([...PROCESSES].sort());
    const portOf = ({ PORT, METRICS_PORT = PORT }: Record<string, string>) => METRICS_PORT;
    expect(targets('prometheus.yml')).toEqual(
      names.map((name) => [name, `${name}:${portOf(services[name]!.environment)}`]),
    );
    expect(targets('local.yml')).toEqual(names.map((name, n) => [name, `localhost:${4000 + n}`]));
  });

  test('finds its files where the containers have them', () => {
    const { services } = composeAsWritten();
    const mounts = [...services['prometheus']!.volumes!, ...services['grafana']!.volumes!].filter((mount) =>
      mount.startsWith('./'),
    );
    expect(mounts.length).toBe(3);
    for (const mount of mounts) expect(exists(mount.split(':')[0]!)).toBe(true);
    const provider = parse(read(`${FOLDER}/grafana/provisioning/dashboards/merit.yml`)).providers[0];
    expect(mounts).toContain(`./${FOLDER}/grafana/dashboards:${provider.options.path}:ro`);
    const sources = parse(read(`${FOLDER}/grafana/provisioning/datasources/merit.yml`)).datasources;
    const hosts = sources.map(({ url }: { url: string }) => new URL(url).hostname);
    expect(hosts).toEqual(['prometheus', 'jaeger']);
    for (const host of hosts) expect(services).toHaveProperty(host);
  });
});

describe('the check itself', () => {
  const check = (expression: string) => () => labelsOf(expression, metrics);
  test.each([
    ['a figure that is not there', 'merit_relay_nonsense > 0', /No process has the figure merit_relay_nonsense/],
    ['a histogram without its part', 'merit_request_seconds > 0', /No process has the figure/],
    ['a label that is not there', 'merit_dead_letters{colour="red"}', /has no label colour/],
    ['a grouping by what is not there', 'sum by (colour) (merit_dead_letters)', /has no label colour/],
    ['a comparison on what one side has not', 'up and on (topic) merit_dead_letters', /has no label topic/],
    [
      'a quantile without its buckets',
      'histogram_quantile(0.9, sum by (job) (merit_request_seconds_bucket))',
      /label le/,
    ],
    ['what is no expression', 'sum by (job', /is no expression/],
  ])('refuses %s', (_, expression, message) => expect(check(expression)).toThrow(message));

  test('knows the labels of an answer', () => {
    expect(labelsOf('sum by (job, topic) (rate(merit_consumer_events_total[5m])) > 1', metrics)).toEqual([
      'job',
      'topic',
    ]);
    expect(labelsOf('max(merit_dead_letters)', metrics)).toEqual([]);
    expect(labelsOf('1 < merit_dead_letters', metrics)).toEqual(['instance', 'job', 'topic']);
  });
});
