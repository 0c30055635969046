import type { Area, Finding } from '../desk/connections/doctor';
import type { Cli } from './cli';
import { explain, reasonOf } from './errors';
import { plural } from './format';
import { fold, table } from './print-table';

export type { Area, Finding } from '../desk/connections/doctor';

export const ok = (name: string, detail: string): Finding => ({ name, status: 'ok', detail, hint: null });
export const failed = (name: string, detail: string, hint: string | null): Finding => ({
  name,
  status: 'failed',
  detail,
  hint,
});
export const warning = (name: string, detail: string, hint: string): Finding => ({
  name,
  status: 'warning',
  detail,
  hint,
});
export const skipped = (name: string, detail: string): Finding => ({
  name,
  status: 'skipped',
  detail,
  hint: null,
});

/** Looks at one thing: what it answers is well, what it throws is not. */
export async function look(name: string, hint: string | null, see: () => Promise<string>): Promise<Finding> {
  try {
    return ok(name, await see());
  } catch (error) {
    const { message, hint: own, unexpected } = explain(error);
    return failed(name, unexpected ? reasonOf(error) : message, hint ?? own);
  }
}

export const allWell = (areas: readonly Area[]): boolean =>
  areas.every(({ findings }) => findings.every(({ status }) => status !== 'failed'));

const STATUSES = ['failed', 'warning', 'skipped', 'ok'] as const;

/** Everything that was looked at: first what is wrong, then what somebody should look at, then a line for each area, or all of it. */
export function renderReport(cli: Cli, areas: readonly Area[], everything: boolean): string {
  const parts = [
    renderTrouble(cli, areas, 'failed'),
    renderTrouble(cli, areas, 'warning'),
    everything ? areas.map((area) => renderArea(cli, area)).join('\n\n') : renderSummaries(cli, areas),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderTrouble(cli: Cli, areas: readonly Area[], wanted: 'failed' | 'warning'): string {
  const rows = areas.flatMap(({ name, findings }) =>
    findings
      .filter(({ status }) => status === wanted)
      .map((finding) => rowOf(cli, finding, `${name}: ${finding.name}`)),
  );
  return rows.length === 0 ? '' : table(null, rows, { ...cli.tableOptions, wrap: true });
}

/** A line an area: its worst sign, what it is, and how much was looked at. */
function renderSummaries(cli: Cli, areas: readonly Area[]): string {
  const rows = areas.map(({ name, findings }) => {
    const worst = STATUSES.find((one) => findings.some(({ status }) => status === one)) ?? 'ok';
    const [first] = findings;
    const isWell = findings.some(({ status }) => status === 'ok');
    const counts = STATUSES.filter((one) => one !== 'ok').flatMap((one) => {
      const count = findings.filter(({ status }) => status === one).length;
      return count === 0 ? [] : [one === 'warning' ? plural(count, one) : `${count} ${one}`];
    });
    const looked = [plural(findings.length, 'check'), ...counts].join(', ');
    // What could not be asked is no fault of an area in which something else is well.
    const sign = worst === 'skipped' && isWell ? 'ok' : worst;
    const what = first?.status === 'ok' || sign === 'skipped' ? first?.detail : undefined;
    return [signOf(cli, sign), name, what === undefined ? looked : `${what}; ${looked}`];
  });
  return table(null, rows, { ...cli.tableOptions, wrap: true });
}

/** One area as a table with a sign, the detail, and what to do. */
function renderArea(cli: Cli, { name, findings }: Area): string {
  const rows = findings.map((finding) => rowOf(cli, finding, finding.name));
  return `${cli.paint.bold(name)}\n${table(null, rows, { ...cli.tableOptions, indent: 2, wrap: true })}`;
}

function rowOf(cli: Cli, { status, detail, hint }: Finding, name: string): readonly string[] {
  const { paint } = cli;
  return [
    signOf(cli, status),
    name,
    hint === null
      ? paintLines(fold(detail, 200), status === 'skipped' ? paint.dim : (line) => line)
      : `${detail}\n${paintLines(`→ ${cli.asTyped(hint)}`, paint.yellow)}`,
  ];
}

function signOf({ paint }: Cli, status: Finding['status']): string {
  switch (status) {
    case 'ok':
      return paint.green('✓');
    case 'warning':
      return paint.yellow('!');
    case 'failed':
      return paint.red('✗');
    case 'skipped':
      return paint.dim('–');
  }
}

const paintLines = (text: string, paint: (line: string) => string): string =>
  text.split('\n').map(paint).join('\n');
