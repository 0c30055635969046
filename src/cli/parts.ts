import type { Parts } from '../composition';
import type { Config } from '../config/load';
import type { Logger } from '../telemetry/logger';
import { lazy } from './lazy';

/**
 * Procore clients and ERP adapters of the configuration, without our store: its place is taken by an empty one in memory, so that
 * Procore and the ERP can be looked at while the store cannot be reached, and looking never creates one.
 */
export const buildWithoutStore = (config: Config, logger: Logger): Promise<Parts> =>
  lazy.composition().buildParts({ ...config, store: { type: 'better-sqlite3', file: ':memory:' } }, logger);
