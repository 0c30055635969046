/** What tests in a browser need besides the servers: the page, built from the sources as they are. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import globalSetup from './global-setup';

const ROOT = join(__dirname, '..', '..');

export default async function browserSetup(): Promise<void> {
  const built = join(ROOT, 'dist', 'web', 'index.html');
  if (!existsSync(built) || newestIn(join(ROOT, 'web')) > statSync(built).mtimeMs) {
    process.stderr.write('Building the page of the Finance Desk ...\n');
    const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
    const config = join(ROOT, 'web', 'vite.config.ts');
    execFileSync(process.execPath, [vite, 'build', '--config', config, '--logLevel', 'warn'], {
      stdio: 'inherit',
    });
  }
  await globalSetup();
}

const newestIn = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (file) => statSync(join(folder, file)).mtimeMs,
    ),
  );
