import type { ProcoreId } from '../domain/request/intent';
import { TokenSource } from './client/auth';
import { ProcoreHttp } from './client/http';
import { Limiter } from './client/limiter';
import { Redactor } from './client/redactor';
import type { ProcoreDeps } from './client/runtime';
import { runtimeOf } from './client/runtime';
import type { ProcoreSettings } from './client/settings';
import { Transport } from './client/transport';
import type { CompanyOptions } from './company';
import { createCompany } from './company';
import type { ProcoreCompany } from './port';

export type { CompanyOptions } from './company';

/** One registered Procore app: its token and its rate limits are shared by all companies that installed it. */
export interface ProcoreApp {
  /**
   * The client of one company. `options`: how its ERP is called in Procore, and whether Procore's ERP tool is done without. Throws when the
   * id is not a positive whole number.
   */
  company(companyId: ProcoreId, options?: CompanyOptions): ProcoreCompany;
  /** State of the limiter, for `doctor` and metrics: calls left by size of the limit, as far as Procore said. */
  limits(): ReturnType<Limiter['describe']>;
  /** Closes idle connections. */
  close(): void;
}

/** Builds the client. Nothing is sent before the first call. */
export function createProcoreApp(settings: ProcoreSettings, deps: ProcoreDeps = {}): ProcoreApp {
  const runtime = runtimeOf(deps);
  const redactor = new Redactor();
  const transport = new Transport(settings, runtime);
  const limiter = new Limiter(settings.limiter, runtime);
  const tokens = new TokenSource(settings, transport, runtime, redactor);
  const shared = { settings, runtime, transport, tokens, limiter, redactor };
  return {
    company: (companyId, options = {}) =>
      createCompany(new ProcoreHttp(shared, companyId, options.timeZone, options.customFields), options),
    limits: () => limiter.describe(),
    close: () => transport.close(),
  };
}
