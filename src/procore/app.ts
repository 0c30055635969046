import type { ProcoreId } from '../domain/request/intent';
import type { OpenDoorSettings } from '../domain/request/open-door';
import { TokenSource } from './auth';
import { createCompany } from './company';
import type { MetadataOptions } from './erp-tool/metadata';
import { ProcoreHttp } from './http';
import { Limiter } from './limiter';
import { createOpenDoorCompany } from './open-door/company';
import type { ProcoreCompany } from './port';
import { Redactor } from './redactor';
import type { ProcoreDeps } from './runtime';
import { runtimeOf } from './runtime';
import type { ProcoreSettings } from './settings';
import { Transport } from './transport';

/** One registered Procore app: its token and its rate limits are shared by all companies that installed it. */
export interface ProcoreApp {
  /**
   * The client of one company; `settings.companyId` when none is named. `options`: how its ERP is called in Procore, and whether
   * Procore's ERP tool is done without. Throws when the id is not a positive whole number.
   */
  company(companyId?: ProcoreId, options?: CompanyOptions): ProcoreCompany;
  /** State of the limiter, for `doctor` and metrics: calls left by size of the limit, as far as Procore said. */
  limits(): ReturnType<Limiter['describe']>;
  /** Closes idle connections. */
  close(): void;
}

export interface CompanyOptions extends MetadataOptions {
  /** What to look for without the ERP tool; null or absent: the ERP tool sends requests. */
  readonly openDoor?: OpenDoorSettings | null;
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
    company: (companyId = settings.companyId, options = {}) => {
      const http = new ProcoreHttp(shared, companyId);
      const openDoor = options.openDoor ?? null;
      return openDoor === null
        ? createCompany(http, options)
        : createOpenDoorCompany(http, openDoor, options);
    },
    limits: () => limiter.describe(),
    close: () => transport.close(),
  };
}
