/** One measured figure. A goal is the most that it may be; the minimum is what no program can go below. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** Follows the number: `s`, `MB`, `×`. */
  readonly unit?: string;
  /** Lowest and highest of several measurements, of which `value` is the median. */
  readonly spread?: readonly [number, number];
  readonly goal: number | null;
  /** A number, or the formula with its value. */
  readonly minimum: number | string | null;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

export interface Section {
  readonly title: string;
  /** How it is counted, in whole sentences. */
  readonly about: string;
  readonly figures: readonly Figure[];
  /** A chart below the table, in this order. */
  readonly bars?: { readonly unit: string; readonly of: readonly Bar[] };
  /** What could not be measured, and why. */
  readonly notMeasured?: readonly string[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly system: string;
}

export interface Results {
  /** `2026-11-30` */
  readonly date: string;
  readonly machine: Machine;
  /** The command that makes the page again, with its options. */
  readonly command: string;
  readonly sections: readonly Section[];
}

export type Verdict = 'met' | 'MISSED' | '';

export const verdictOn = ({ value, goal }: Pick<Figure, 'value' | 'goal'>): Verdict =>
  goal === null ? '' : value <= goal ? 'met' : 'MISSED';

/** The page. What missed its goal is said first. */
export function toMarkdown({ date, machine, command, sections }: Results): string {
  const { cpu, cores, memoryGb, node, system } = machine;
  const parts = [
    '# What Tieback costs',
    `Measured on ${date}: ${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${number(memoryGb)} GB, ${system}, Node ${node}. Made by \`${command}\`; not edited by hand.`,
    'Counts do not depend on the machine. Seconds do: what counts of them are the ratios, taken from runs that alternate.',
    '## Missed goals',
    missed(sections),
    ...sections.flatMap(sectionText),
  ];
  return `${parts.join('\n\n')}\n`;
}

function missed(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ title, figures, notMeasured = [] }) => [
    ...figures
      .filter((figure) => verdictOn(figure) === 'MISSED')
      .map((figure) => `- **${title}**: ${figure.name}: ${valueOf(figure)}, goal ${goalOf(figure)}.`),
    ...notMeasured.map((reason) => `- **${title}**: not measured: ${reason}`),
  ]);
  return lines.length === 0 ? 'None: every goal was met.' : lines.join('\n');
}

function sectionText({ title, about, figures, bars, notMeasured = [] }: Section): readonly string[] {
  const rows = figures.map((figure) => [
    figure.name,
    valueOf(figure),
    figure.goal === null ? '' : goalOf(figure),
    minimumOf(figure),
    verdictOn(figure),
  ]);
  return [
    `## ${title}`,
    about,
    ...(rows.length === 0 ? [] : [table(['figure', 'measured', 'goal', 'minimum', 'verdict'], rows)]),
    ...(bars === undefined || bars.of.length === 0 ? [] : [chart(bars.of, bars.unit)]),
    ...notMeasured.map((reason) => `Not measured: ${reason}`),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = all;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}

const WIDEST = 50;

function chart(bars: readonly Bar[], unit: string): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const width = Math.max(...bars.map(({ label }) => label.length));
  const lines = bars.map(({ label, value }) => {
    const length = most > 0 ? Math.max(value > 0 ? 1 : 0, Math.round((value / most) * WIDEST)) : 0;
    return `${label.padEnd(width)}  ${'█'.repeat(length)} ${number(value)} ${unit}`.trimEnd();
  });
  return ['```text', ...lines, '```'].join('\n');
}

const valueOf = ({ value, unit, spread }: Figure): string => {
  const median = withUnit(value, unit);
  const isOne = spread === undefined || spread[0] === spread[1];
  return isOne ? median : `${median} (${number(spread[0])} to ${number(spread[1])})`;
};

const goalOf = ({ goal, unit }: Figure): string => (goal === null ? '' : `≤ ${withUnit(goal, unit)}`);

const minimumOf = ({ minimum, unit }: Figure): string =>
  typeof minimum === 'number' ? withUnit(minimum, unit) : (minimum ?? '');

const withUnit = (value: number, unit: string | undefined): string =>
  unit === undefined ? number(value) : `${number(value)} ${unit}`;

/** Whole from 100 on, else at most two decimals: more would say more than was measured. */
const number = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 100) / 100);

/** Middle of several measurements, with the lowest and the highest. Throws where there are none. */
export function medianOf(values: readonly number[]): {
  readonly value: number;
  readonly spread: readonly [number, number];
} {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || first === undefined || last === undefined)
    throw new Error('the median of nothing');
  return { value: (low + high) / 2, spread: [first, last] };
}
