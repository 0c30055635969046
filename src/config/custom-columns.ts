import { isTiebackError } from '../domain/base/errors';
import type { Kind, RefTarget } from '../domain/kinds';
import { definitionOf, isKind, KINDS } from '../domain/kinds';
import { notOffered } from '../domain/kinds/custom-columns';
import type { CustomColumns, CustomFields } from '../domain/kinds/custom-fields';
import type { RecordColumns } from '../domain/kinds/fit-record';
import type { Logger } from '../telemetry/logger';
import type { Config } from './load';
import { ConfigError } from './load';

/** What an ERP adapter says of its columns. */
interface Erp {
  readonly kinds: Readonly<Partial<Record<Kind, { rules(): Promise<Pick<RecordColumns, 'custom'>> }>>>;
}

/**
 * Holds the custom fields that are configured against the columns that the ERPs offer. Throws `ConfigError` with the file, the key and what is
 * offered. Connections that are not among `connections` are left to other daemons, and an ERP that does not answer keeps no daemon from starting:
 * then every plan says what it lacks.
 */
export async function assertCustomColumns(
  { file, connections: configured }: Pick<Config, 'file' | 'connections'>,
  connections: ReadonlyMap<string, { readonly erp: Erp }>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  for (const { id, customFields } of configured) {
    const erp = connections.get(id)?.erp;
    if (erp === undefined) continue;
    const key = `connections.${id}.customFields`;
    try {
      const [problem] = await problemsOf(erp, customFields);
      if (problem !== undefined) throw new ConfigError(`${file}: ${key}.${problem}`);
    } catch (error) {
      if (!isTiebackError(error)) throw error;
      logger.warn('Custom fields could not be held against the columns of the ERP', {
        connection: id,
        reason: error.message,
      });
    }
  }
}

async function problemsOf({ kinds }: Erp, customFields: CustomFields): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [target, fields] of Object.entries(customFields) as [RefTarget, CustomFields[RefTarget]][]) {
    const kept = ownersOf(target).filter((kind) => kinds[kind] !== undefined);
    if (kept.length === 0) problems.push(`${target}: this ERP adapter keeps no such records.`);
    for (const kind of kept) {
      const { custom } = (await kinds[kind]?.rules()) ?? {};
      const columns: CustomColumns = (isKind(target) ? custom?.fields : custom?.lines[target]) ?? {};
      const of = isKind(target) ? definitionOf(kind).plural : `the lines of ${definitionOf(kind).plural}`;
      for (const [field, column] of Object.entries(fields ?? {}))
        if (columns[column] === undefined)
          problems.push(`${target}.${field}: ${notOffered(column, columns, of)}`);
    }
  }
  return problems;
}

/** The kind itself, or those that have such lines. */
const ownersOf = (target: RefTarget): readonly Kind[] =>
  isKind(target) ? [target] : KINDS.filter((kind) => definitionOf(kind).lines[target] !== undefined);
