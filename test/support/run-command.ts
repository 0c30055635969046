import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliIo } from '../../src/cli/io';
import { run } from '../../src/main';

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command of somebody on no terminal, and keeps what it says. */
export async function runCommand(args: readonly string[], io: Partial<CliIo> = {}): Promise<CommandResult> {
  let [out, err] = ['', ''];
  const code = await run([...args], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    ask: null,
    askSecret: null,
    account: () => 'uid 1000 (ops)',
    colours: false,
    now: () => new Date(),
    signals: { on: () => undefined, removeListener: () => undefined },
    exit: () => undefined,
    env: {},
    ...io,
  });
  return { code, out, err };
}

/** Writes a configuration of one connection, `acme`, to this ERP; the secret of Procore is `PROCORE_SECRET`. Answers its path. */
export function configFile(folder: string, name: string, erp: object, more: object = {}): string {
  const path = join(folder, name);
  const config = {
    dataDir: folder,
    procoreApps: {
      main: {
        apiUrl: 'https://api.procore.com',
        loginUrl: 'https://login.procore.com',
        clientId: 'a',
        clientSecret: { env: 'PROCORE_SECRET' },
      },
    },
    connections: {
      acme: {
        procore: { app: 'main', companyId: 1 },
        erp,
        approvers: [{ id: 'maria' }],
        requireSecondPerson: false,
      },
    },
    ...more,
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}
