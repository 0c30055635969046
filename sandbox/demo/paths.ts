import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of package.json, from the sources and from `dist/`. */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = join(folder, '..');
  return folder;
}

/** The `tieback` command. */
export const binary = (): string => join(projectRoot(), 'bin', 'tieback');
