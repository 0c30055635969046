import type { ProcoreId } from '../domain/erp-request';
import type { ProcoreCompany } from './port';
import type { ProcoreDeps } from './runtime';
import type { ProcoreSettings } from './settings';

/** One registered Procore app: its token and its rate limits are shared by all companies that installed it. */
export interface ProcoreApp {
  /** The client of one company; `settings.companyId` when none is named. */
  company(companyId?: ProcoreId): ProcoreCompany;
  /** Closes idle connections. */
  close(): void;
}

/** Builds the client. Nothing is sent before the first call. */
export function createProcoreApp(settings: ProcoreSettings, deps: ProcoreDeps = {}): ProcoreApp {
  void settings;
  void deps;
  throw new Error('not built yet');
}
