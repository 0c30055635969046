import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import { csvFile, renderCsv } from '../reports/csv';
import type { Report } from '../reports/report';
import type { Paper } from '../reports/sheet';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { lazy } from './lazy';
import { renderReport } from './render-report';

export const FORMATS = ['table', 'csv', 'pdf'] as const;

/** How a report is wanted. */
export interface OutputOptions {
  readonly format: (typeof FORMATS)[number];
  readonly paper: Paper;
  readonly out?: string;
  readonly force?: boolean;
}

/** The options of a command that makes a report. */
export const withOutputOptions = (command: Command): Command =>
  command
    .addOption(new Option('--format <format>', 'how').choices([...FORMATS]).default('table'))
    .option('--out <file>', 'write there, for you alone to read; a PDF is always a file')
    .option('--force', 'replace a file that exists')
    .addOption(new Option('--paper <size>', 'of a PDF').choices(['letter', 'a4']).default('letter'));

/** Says at once what cannot be done, before anything is read. Throws `CliError`. */
export function assertWritable(cli: Cli, { format, out, force = false }: OutputOptions): void {
  if (format === 'pdf' && out === undefined)
    throw new CliError('A PDF is written to a file.', { hint: 'Name it: --out report.pdf.' });
  if (format === 'csv' && out === undefined && cli.json)
    throw new CliError('Both --json and --format csv want standard output.', {
      hint: 'Leave one of them out, or name a file for the CSV: --out report.csv.',
    });
  if (out === undefined && force)
    throw new CliError('--force is for a file.', { hint: 'Name it: --out report.csv.' });
  if (out === undefined) return;
  if (!existsSync(dirname(out)))
    throw new CliError(`There is no folder ${dirname(out)}.`, {
      hint: 'Make it, or name another with --out.',
    });
  if (!force && existsSync(out)) throw exists(out);
}

/** Shows the report, or writes it; with `--json`, `data`, or where it was written. Throws `CliError`. */
export async function putOut(
  cli: Cli,
  options: OutputOptions,
  { report, data }: { readonly report: Report; readonly data: object },
): Promise<void> {
  const { format, out } = options;
  if (out === undefined) {
    if (format === 'csv') cli.io.stdout.write(renderCsv(report));
    else cli.result(data, () => renderReport(cli, report));
    return;
  }
  const bytes = await bytesOf(report, options);
  write(out, bytes, options.force === true);
  const rows = report.groups.reduce((sum, group) => sum + group.rows.length, 0);
  const verdict = report.verdict?.text ?? null;
  cli.result({ file: out, format, bytes: bytes.length, rows, verdict }, () =>
    [
      `${out}: ${rows} ${rows === 1 ? 'row' : 'rows'}, readable by you alone.`,
      ...(verdict === null ? [] : [verdict]),
    ].join('\n'),
  );
}

async function bytesOf(report: Report, { format, paper }: OutputOptions): Promise<Buffer> {
  if (format === 'pdf') return lazy.pdf().renderPdf(report, paper);
  if (format === 'csv') return csvFile(report);
  return Buffer.from(`${renderReport({ paint: pc.createColors(false), width: Infinity }, report)}\n`);
}

/** It names people and their hours, so it is for its owner only (0600), whatever stood there before. */
function write(file: string, bytes: Buffer, force: boolean): void {
  const draft = `${file}.${randomBytes(4).toString('hex')}.new`;
  const target = force ? draft : file;
  let isOurs = false;
  try {
    writeFileSync(target, '', { flag: 'wx', mode: 0o600 });
    isOurs = true;
    writeFileSync(target, bytes);
    if (force) renameSync(draft, file);
  } catch (error) {
    if (isOurs) rmSync(target, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(file);
    throw new CliError(`${file} cannot be written: ${(error as Error).message}.`, {
      exitCode: EXIT.failed,
      cause: error,
    });
  }
}

const exists = (file: string): CliError =>
  new CliError(`${file} exists already.`, {
    hint: 'Name another file with --out, or replace it with --force.',
  });
