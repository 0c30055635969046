import { procoreSettings } from '../../../../src/procore/client/settings';
import { createProcoreApp } from '../../../../src/procore/app';
import { doorEntry } from '../../../support/procore/company-door-entry';
import { COMPANY } from '../../../support/procore/client';
import { ScriptedServer } from '../../../support/procore/scripted-server';

/** Run by itself, on a machine in another zone. Prints how it reads dates of work, and what it asks for. */

const DATES = ['2026-11-16', '2026-11-22', '2026-03-08', '2026-11-01', '2026-12-31', '2027-01-01'];

async function main(): Promise<void> {
  const server = await new ScriptedServer().start();
  server.script = () => ({ body: DATES.map((date, index) => doorEntry({ id: index + 1, date })) });
  const credentials = { apiUrl: server.url, loginUrl: server.url, clientId: 'a', clientSecret: 'b' };
  const app = createProcoreApp(procoreSettings(credentials));
  const read: string[] = [];
  const updated: string[] = [];
  for await (const page of app.company(COMPANY).payroll.entries({ begin: '2026-11-16', end: '2026-11-22' })) {
    read.push(...page.entries.map(({ date }) => date));
    updated.push(...page.entries.map(({ updatedAt }) => updatedAt));
  }
  const asked = server.received.map(({ query }) => [query.get('start_date'), query.get('end_date')]);
  app.close();
  await server.stop();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  process.stdout.write(JSON.stringify({ zone, sent: DATES, read, asked, updated: [...new Set(updated)] }));
}

void main();
