import type { Cli } from './cli';
import { explain, reasonOf } from './errors';
import { fold, table } from './print-table';

/** One thing the doctor looked at. */
export interface Finding {
  readonly name: string;
  /** `warning`: it works, and somebody should look. `skipped`: it could not be asked here, which is no fault. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly hint: string | null;
}

/** Findings about one part of the installation. */
export interface Area {
  readonly name: string;
  readonly findings: readonly Finding[];
}

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

/** One area as a table with a sign, the detail, and what to do. */
export function renderArea(cli: Cli, { name, findings }: Area): string {
  const { paint } = cli;
  const signs = {
    ok: paint.green('✓'),
    warning: paint.yellow('!'),
    failed: paint.red('✗'),
    skipped: paint.dim('–'),
  };
  const rows = findings.map(({ name: what, status, detail, hint }) => [
    signs[status],
    what,
    hint === null
      ? paintLines(fold(detail, 200), status === 'skipped' ? paint.dim : (line) => line)
      : `${detail}\n${paintLines(`→ ${hint}`, paint.yellow)}`,
  ]);
  return `${paint.bold(name)}\n${table(null, rows, { ...cli.tableOptions, indent: 2, wrap: true })}`;
}

const paintLines = (text: string, paint: (line: string) => string): string =>
  text.split('\n').map(paint).join('\n');
