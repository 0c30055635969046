import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..', '..');
const PLACE = join(ROOT, '.cache', 'bench', 'dlt');

export type Dlt =
  | { readonly kind: 'there'; readonly python: string; readonly version: string }
  | { readonly kind: 'absent'; readonly reason: string };

/** An environment of its own with dlt in it, made once below the cache folder; or why there is none. */
export async function dltEnvironment(): Promise<Dlt> {
  const python = join(PLACE, 'bin', 'python');
  try {
    if (!existsSync(python)) {
      mkdirSync(PLACE, { recursive: true });
      await run('python3', ['-m', 'venv', PLACE]);
    }
    const requirements = join(ROOT, 'bench', 'dlt', 'requirements.txt');
    await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    const { stdout } = await run(python, ['-c', 'import dlt; print(dlt.__version__)']);
    return { kind: 'there', python, version: stdout.trim() };
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT') return { kind: 'absent', reason: 'there is no Python 3' };
    const said = (stderr ?? String(error)).trim().split('\n').at(-1) ?? '';
    return { kind: 'absent', reason: `dlt could not be installed: ${said.replaceAll(ROOT, '.')}` };
  }
}
