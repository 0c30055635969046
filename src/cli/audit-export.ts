import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { ExportFormat } from '../desk/audit/export';
import { auditLines } from '../desk/audit/export';
import { findRequest } from '../desk/find-request';
import { connectionIds } from './audit-verify';
import type { Cli } from './cli';
import { CliError, EXIT } from './errors';
import { withStore } from './store';

export interface ExportOptions {
  readonly connection?: string;
  /** As a person types it: `erp/5012`, `5012`. */
  readonly request?: string;
  readonly format: ExportFormat;
  readonly out?: string;
}

type Write = (line: string) => Promise<void>;

/** Writes the audit log so that a third party can verify it: see docs/audit.md. */
export const exportAudit = (cli: Cli, options: ExportOptions): Promise<void> =>
  withStore(cli, async (store, config) => {
    const request =
      options.request === undefined
        ? null
        : await findRequest(store, { typed: options.request, connectionId: options.connection });
    const ids = request ? [request.connectionId] : await connectionIds(store, config, options.connection);
    const counted = { lines: 0 };
    const out = await openOutput(cli, options.out, counted);
    try {
      const exported = auditLines(store, {
        connectionIds: ids,
        evidence: request === null ? undefined : { of: 'request', request },
        format: options.format,
        exportedAt: cli.now().toISOString(),
      });
      for await (const line of exported) await out.write(line);
    } finally {
      await out.close();
    }
    if (options.out !== undefined) {
      cli.result(
        { file: options.out, lines: counted.lines, connections: ids },
        () => `${options.out}: ${counted.lines} lines`,
      );
    }
  });

async function openOutput(
  cli: Cli,
  file: string | undefined,
  counted: { lines: number },
): Promise<{ write: Write; close: () => Promise<void> }> {
  if (file === undefined) {
    return { write: async (line) => void cli.io.stdout.write(`${line}\n`), close: async () => undefined };
  }
  // Evidence is never overwritten.
  const stream = createWriteStream(file, { flags: 'wx' });
  try {
    await once(stream, 'open');
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CliError(
      exists ? `${file} exists already.` : `${file} cannot be written: ${(error as Error).message}.`,
      {
        hint: 'Name another file with --out.',
        ...(exists ? {} : { exitCode: EXIT.failed }),
      },
    );
  }
  return {
    write: async (line) => {
      counted.lines += 1;
      if (!stream.write(`${line}\n`)) await once(stream, 'drain');
    },
    close: async () => {
      stream.end();
      await once(stream, 'close');
    },
  };
}
