import { statSync } from 'node:fs';
import type { Config, Environment } from '../config/load';
import { credentialsFile } from '../config/load';
import type { Finding } from './findings';
import { failed, ok } from './findings';
import { plural } from './format';

/** A file that must be kept from others, and why. */
interface Kept {
  readonly name: string;
  readonly file: string;
  readonly why: string;
}

/**
 * Who may read the secrets that the configuration names, and who may change the configuration. Rights of files are of another kind on Windows:
 * nothing is looked at there.
 */
export function checkSecrets(config: Config, env: Environment | undefined): readonly Finding[] {
  if (process.platform === 'win32') return [];
  const files: readonly Kept[] = [
    ...config.secretFiles.map(({ key, file }) => ({ name: key, file, why: whyOf(key) })),
    { name: 'your token', file: credentialsFile(config, env), why: 'With it they decide as you.' },
  ];
  const wide = files.flatMap((kept) => {
    const mode = modeBeyond(kept.file);
    return mode === null ? [] : [wideFinding(kept, mode)];
  });
  const count = new Set(config.secretFiles.map(({ file }) => file)).size;
  const secrets =
    wide.length > 0 ? wide : [ok('secret files', `${plural(count, 'file')}, readable by nobody else`)];
  return [...secrets, ...checkWriters(config.file)];
}

const whyOf = (key: string): string =>
  key.startsWith('people.signingKeys') ? 'With it they decide as anybody.' : 'It is a secret.';

interface Mode {
  readonly is: string;
  readonly wanted: string;
}

/**
 * The rights of a file that others may open; null: nobody else may. A file of somebody else (root, say) is handed to us by its group, so
 * that its group may read it.
 */
function modeBeyond(file: string): Mode | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  const own = found.uid === process.getuid?.();
  if ((found.mode & (own ? 0o077 : 0o027)) === 0) return null;
  return { is: (found.mode & 0o777).toString(8), wanted: own ? '600' : '640' };
}

const wideFinding = ({ name, file, why }: Kept, { is, wanted }: Mode): Finding =>
  failed(
    name,
    `others may open it: ${file} is ${is}. ${why}`,
    `As its owner: \`chmod ${wanted} ${file}\`. If somebody may have read it, replace the secret.`,
  );

/** Whoever may write the configuration names the approvers. */
function checkWriters(file: string): readonly Finding[] {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o002) === 0) return [];
  return [
    failed(
      'written by',
      `everybody may change ${file} (${mode.toString(8)}), and with it who approves what`,
      `As its owner: \`chmod o-w ${file}\``,
    ),
  ];
}
