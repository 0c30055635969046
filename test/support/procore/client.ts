import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import type { RefTarget } from '../../../src/domain/kinds';
import type { ProcoreCompany, ProcoreKind, TiesPort } from '../../../src/procore/port';
import type { ProcoreLogger } from '../../../src/procore/client/runtime';
import type { ProcoreSettingsInput } from '../../../src/procore/client/settings';
import { procoreSettings } from '../../../src/procore/client/settings';
import type { TiebackError } from '../../../src/domain/base/errors';
import { SkippingTime } from './fake-time';
import { ScriptedServer } from './scripted-server';

export const COMPANY = 4264807;
export const COMPANY_PATH = `/rest/v1.0/companies/${COMPANY}`;
export const CLIENT_SECRET = 'very-secret-client';

/** A company with everything that the ERP tool's door has. */
export type ErpToolCompany = ProcoreCompany &
  Required<Pick<ProcoreCompany, 'requests' | 'details' | 'metadata'>> & { readonly ties: Required<TiesPort> };

export function withErpTool(company: ProcoreCompany): ErpToolCompany {
  const { requests, details, metadata, ties } = company;
  if (!requests || !details || !metadata || !reads(ties))
    throw new Error('this is not the door of the ERP tool');
  return { ...company, requests, details, metadata, ties };
}

const reads = (ties: TiesPort): ties is Required<TiesPort> => 'read' in ties;

/** What a kind can in a company; fails where it cannot. */
export function can<A extends keyof ProcoreKind>(
  company: ProcoreCompany,
  kind: RefTarget,
  what: A,
): NonNullable<ProcoreKind[A]> {
  const call = company.kinds[kind]?.[what];
  if (!call) throw new Error(`${kind} has no ${what}`);
  return call;
}

/** A client, the scripted server it talks to, and everything it logged. */
export class ClientBench {
  readonly server = new ScriptedServer();
  readonly time = new SkippingTime();
  readonly logged: string[] = [];
  private apps: ProcoreApp[] = [];

  async start(): Promise<this> {
    await this.server.start();
    return this;
  }

  app(changes: Partial<ProcoreSettingsInput> = {}): ProcoreApp {
    const app = createProcoreApp(
      procoreSettings({
        apiUrl: this.server.url,
        loginUrl: this.server.url,
        clientId: 'app',
        clientSecret: CLIENT_SECRET,
        ...changes,
      }),
      { now: this.time.now, sleep: this.time.sleep, random: () => 0.5, logger: this.logger() },
    );
    this.apps.push(app);
    return app;
  }

  company(changes: Partial<ProcoreSettingsInput> = {}): ErpToolCompany {
    return withErpTool(this.app(changes).company(COMPANY));
  }

  async stop(): Promise<void> {
    for (const app of this.apps) app.close();
    await this.server.stop();
  }

  private logger(): ProcoreLogger {
    const log = (message: string, fields?: unknown): void => {
      this.logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
    };
    return { debug: log, info: log, warn: log, error: log };
  }
}

/** The error a promise ends with; fails when it does not. */
export async function failure(promise: Promise<unknown>): Promise<TiebackError> {
  try {
    await promise;
  } catch (error) {
    return error as TiebackError;
  }
  throw new Error('an error was expected');
}

export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
