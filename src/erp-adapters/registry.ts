import type { AdapterDefinition } from './contract/definition';
import { fileDropAdapter } from './file-drop';
import { genericSqlAdapter } from './generic-sql';
import { sampleAdapter } from './sample';
import { vistaAdapter } from './vista';

export type {
  AdapterContext,
  AdapterDefinition,
  AdapterLogger,
  Io,
  SettingsReading,
} from './contract/definition';

/**
 * Every ERP Tieback can speak to, by the name used in the configuration.
 *
 * How to add an adapter: 1. make a folder beside `sample/` and export an `AdapterDefinition` from its `index.ts`; 2. add one line
 * here; 3. run the conformance suite on it (docs/adapter-guide.md).
 */
export const ERP_ADAPTERS: Readonly<Record<string, AdapterDefinition>> = {
  [sampleAdapter.name]: sampleAdapter,
  [vistaAdapter.name]: vistaAdapter,
  [genericSqlAdapter.name]: genericSqlAdapter,
  [fileDropAdapter.name]: fileDropAdapter,
};
