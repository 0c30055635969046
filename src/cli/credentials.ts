import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CliError, EXIT } from './errors';

const login = z.object({ person: z.string(), token: z.string(), expiresAt: z.string() });
const credentials = z.record(z.string(), login);

/** Who logged in at one daemon. */
export type Login = z.infer<typeof login>;

/** The logins that one person keeps, by address of the daemon, in a file that only they may read. */
export class Credentials {
  constructor(readonly file: string) {}

  /** Null: not logged in there. Throws `CliError` where the file is readable for others or is none of ours. */
  find(url: string): Login | null {
    return this.all()[url] ?? null;
  }

  keep(url: string, given: Login): void {
    this.write({ ...this.all(), [url]: given });
  }

  /** False: there was none. */
  forget(url: string): boolean {
    const { [url]: gone, ...rest } = this.all();
    if (gone !== undefined) this.write(rest);
    return gone !== undefined;
  }

  private all(): Readonly<Record<string, Login>> {
    if (!existsSync(this.file)) return {};
    if (process.platform !== 'win32' && (statSync(this.file).mode & 0o077) !== 0) {
      throw new CliError(`Others may read ${this.file}, and with it decide as you.`, {
        hint: `chmod 600 ${this.file}. If somebody may have read it, ask for another token.`,
        exitCode: EXIT.failed,
        code: 'CREDENTIALS_OPEN',
      });
    }
    try {
      return credentials.parse(JSON.parse(readFileSync(this.file, 'utf8')));
    } catch (error) {
      throw new CliError(`${this.file} is not what \`tieback login\` wrote.`, {
        hint: 'Remove it, and log in again.',
        exitCode: EXIT.failed,
        code: 'CREDENTIALS_BROKEN',
        cause: error,
      });
    }
  }

  /** Written aside and renamed: another command may be reading. Never into a file that is there: others may have laid it ready. */
  private write(all: Readonly<Record<string, Login>>): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const aside = `${this.file}.${randomUUID()}`;
    writeFileSync(aside, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(aside, this.file);
  }
}
