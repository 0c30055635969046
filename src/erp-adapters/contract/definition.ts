import type { CustomColumnNames } from '../../domain/kinds/custom-fields';
import type { ErpAdapter } from './adapter';

/**
 * Every call that reaches the ERP goes through this hook. In production it only calls; tests use it to crash before or after any
 * call (`erp.vendor.write.commit`, ...) and so to show that nothing is doubled or lost. For drivers that answer later, `call`
 * returns a promise and so does the hook.
 */
export type Io = <T>(name: string, call: () => T) => T;

/** The part of the log an adapter needs. */
export interface AdapterLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface AdapterContext {
  /** Name of the connection; part of every ledger entry. */
  readonly connectionId: string;
  /** What `readSettings` returned, or the raw settings, which are then read again. */
  readonly settings: unknown;
  readonly logger?: AdapterLogger;
  readonly io?: Io;
  /**
   * Columns beside those of the kinds that are read and written, because custom fields are mapped to them: each is a field `customField(column)`
   * of its header or line. Others of the sort are neither read nor written. Absent: none.
   */
  readonly customColumns?: CustomColumnNames;
  /** Tax ids of vendors may be read, to pair them by (`KindCapability.taxIdHashes`). Absent: the column is not named, and no right on it is asked for. */
  readonly taxIds?: true;
}

export type SettingsReading<Settings = unknown> =
  | { readonly ok: true; readonly settings: Settings }
  /** One sentence per problem, each beginning with the path of the setting. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** What the registry knows about an adapter. */
export interface AdapterDefinition {
  readonly name: string;
  /** One line for `tieback adapters`. */
  readonly summary: string;
  /** Checks the `settings` of a connection without touching the ERP. */
  readSettings(raw: unknown): SettingsReading;
  /** Makes an adapter; it connects on first use. Throws `ERP_CONFIG` when the settings do not read. */
  create(context: AdapterContext): ErpAdapter;
}
