import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import type { ProcoreCompany } from '../../../src/procore/port';
import type { ProcoreLogger } from '../../../src/procore/runtime';
import type { ProcoreSettingsInput } from '../../../src/procore/settings';
import { procoreSettings } from '../../../src/procore/settings';
import type { TiebackError } from '../../../src/domain/base/errors';
import { SkippingTime } from './fake-time';
import { ScriptedServer } from './scripted-server';

export const COMPANY = 4264807;
export const COMPANY_PATH = `/rest/v1.0/companies/${COMPANY}`;
export const CLIENT_SECRET = 'very-secret-client';

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
        companyId: COMPANY,
        ...changes,
      }),
      { now: this.time.now, sleep: this.time.sleep, random: () => 0.5, logger: this.logger() },
    );
    this.apps.push(app);
    return app;
  }

  company(changes: Partial<ProcoreSettingsInput> = {}): ProcoreCompany {
    return this.app(changes).company();
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
