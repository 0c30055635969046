import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ERP_ADAPTERS } from '../../src/erp-adapters/registry';
import { SystemClock } from '../procore-simulator/clock';
import { ProcoreSimulator } from '../procore-simulator/simulator';
import type { Accounting } from '../sample-erp/company';
import { createCompany, openCompany } from '../sample-erp/company';
import type { TemporalServer } from '../temporal-server';
import { launchTemporal } from '../temporal-server';
import { tieback, tokenFor } from './cli';
import { binary } from './paths';
import type { PayrollStory } from './payroll';
import { payWeeks, timeTypes } from './payroll';
import type { Say } from './say';

const NAMESPACE = 'tieback';
/** Taken when they are free, so that addresses stay the same from start to start. */
const PORTS = { temporal: 7233, webUi: 8233, procore: 4810, http: 8480 };

export interface Installation {
  readonly folder: string;
  readonly configFile: string;
  readonly webUi: string | null;
  readonly procore: ProcoreSimulator;
  readonly erp: Accounting;
  readonly daemon: DaemonProcess;
  /** Where people open the Finance Desk. */
  readonly deskUrl: string;
  /** The clock of Procore. */
  readonly clock: SystemClock;
  /** What the configuration says of payroll. */
  readonly payroll: PayrollSetUp;
  /** True when the state of an earlier demo is there. */
  readonly resumed: boolean;
  stop(): Promise<void>;
}

/** Starts the stand-ins, then Tieback as an operator would: a configuration file, `tieback provision`, `tieback daemon`. */
export async function startInstallation(folder: string, say: Say): Promise<Installation> {
  const resumed = existsSync(join(folder, 'tieback.db'));
  mkdirSync(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    say.step('Temporal', 'a real dev server with its Web UI');
    const temporal = await startTemporal(folder, say);
    undo.push(() => temporal.stop());
    say.done(`gRPC ${temporal.address}, Web UI ${temporal.uiUrl ?? 'none'}`);

    say.step('Procore', 'a simulator that follows the documented API');
    const clock = new SystemClock();
    const procore = new ProcoreSimulator({ clock });
    const { apiUrl } = await procore.start({
      port: await freeOr(PORTS.procore),
      rateLimit: { hourly: 3600, spike: 100 },
      webhooks: { delivery: 'auto' },
    });
    undo.push(() => procore.stop());
    const saved = join(folder, 'procore.bin');
    if (existsSync(saved)) procore.restore(readFileSync(saved));
    const saving = setInterval(() => save(procore, saved), 1000);
    undo.push(() => {
      clearInterval(saving);
      save(procore, saved);
    });
    say.done(apiUrl);

    say.step('ERP', 'the sample job-cost ERP "Groundwork" in its own database');
    const erp = openErp(join(folder, 'erp.db'));
    undo.push(() => erp.close());
    say.done(`${erp.vendors().length} vendors`);

    say.step('Tieback', 'provision, then the daemon as its own process');
    const http = await freeOr(PORTS.http);
    const payroll = setUpPayroll(join(folder, 'payroll.json'), procore, erp);
    const configFile = writeConfig(folder, { temporal, apiUrl, http, payroll });
    const daemon = new DaemonProcess(configFile, join(folder, 'daemon.log'), `http://127.0.0.1:${http}`);
    undo.push(() => daemon.stop());
    // The daemon first: Procore checks nothing, but its first delivery should find somebody.
    await daemon.start();
    await tieback(configFile, ['provision']);
    await daemon.ready();
    await logIn(folder, configFile);
    say.done(`http://127.0.0.1:${http}/ready · log ${join(folder, 'daemon.log')}`);
    say.done(`you are logged in as ${PERSON}: what you decide in this folder is logged under that name`);
    return {
      folder,
      configFile,
      deskUrl: `http://localhost:${http}`,
      webUi: temporal.uiUrl,
      procore,
      clock,
      erp,
      daemon,
      payroll,
      resumed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Who sits at the keyboard of a demo. */
const PERSON = 'demo';

/** As IT and the person would do it: a token, shown once, typed into `tieback login`. It is kept, because addresses may change from start to start. */
async function logIn(folder: string, configFile: string): Promise<void> {
  const file = join(folder, 'secrets', 'token-of-demo');
  if (!existsSync(file)) writeSecret(file, await tokenFor(configFile, PERSON));
  await tieback(configFile, ['login', '--token-file', file]);
}

async function startTemporal(folder: string, say: Say): Promise<TemporalServer> {
  return launchTemporal({
    namespace: NAMESPACE,
    dbFile: join(folder, 'temporal.db'),
    port: await freeOr(PORTS.temporal),
    uiPort: await freeOr(PORTS.webUi),
    logFile: join(folder, 'temporal.log'),
    // Its own process group: Ctrl-C must reach Tieback first.
    detached: true,
    log: (line) => say.note(line),
  });
}

type PayrollSetUp = Pick<PayrollStory, 'end' | 'nextEnd' | 'regular' | 'overtime'>;

/** Made once: the next start goes on with the same weeks. */
function setUpPayroll(file: string, procore: ProcoreSimulator, erp: Accounting): PayrollSetUp {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as PayrollSetUp;
  const made = { ...payWeeks(erp), ...timeTypes(procore) };
  writeFileSync(file, JSON.stringify(made));
  return made;
}

function openErp(file: string): Accounting {
  if (existsSync(file)) return openCompany(file);
  const ledgerScript = ERP_ADAPTERS['sample']
    ?.create({ connectionId: 'demo', settings: { file } })
    .grantScript();
  const erp = createCompany(file, { seed: true, ...(ledgerScript === undefined ? {} : { ledgerScript }) });
  // Somebody once added a country the way people say it; Procore knows only ISO codes.
  erp.db.exec("INSERT INTO HQCN VALUES ('UK', 'United Kingdom (old code)')");
  return erp;
}

function save(procore: ProcoreSimulator, file: string): void {
  writeFileSync(`${file}.new`, procore.save());
  renameSync(`${file}.new`, file);
}

function writeConfig(
  folder: string,
  {
    temporal,
    apiUrl,
    http,
    payroll,
  }: { temporal: TemporalServer; apiUrl: string; http: number; payroll: PayrollSetUp },
): string {
  writeSecret(join(folder, 'secrets', 'client-secret'), 'demo-secret');
  writeSecret(join(folder, 'secrets', 'webhook'), `Bearer ${randomBytes(24).toString('base64url')}`);
  const file = join(folder, 'tieback.yaml');
  writeFileSync(
    file,
    `# Written by the demo at every start. docs/tieback.example.yaml explains every key.
dataDir: .
temporal:
  address: ${temporal.address}
  namespace: ${NAMESPACE}
${temporal.uiUrl === null ? '' : `  webUi: ${temporal.uiUrl}\n`}http:
  port: ${http}
people:
  credentialsFile: credentials.json
# Whoever opens the Finance Desk on this machine is the person of the demo: never so in production.
desk:
  loginAs: demo
  grants:
    - { person: demo, role: admin }
    - { person: demo, role: auditor }
procoreApps:
  demo:
    apiUrl: ${apiUrl}
    loginUrl: ${apiUrl}
    clientId: tieback-demo
    clientSecret: { file: secrets/client-secret }
connections:
  larkspur:
    procore: { app: demo, companyId: 4264807 }
    erp:
      adapter: sample
      settings: { file: ${JSON.stringify(join(folder, 'erp.db'))}, company: 1 }
    approvers:
      - { id: maria@larkspur.example, procoreUserId: 7711 }
      - { id: demo, procoreUserId: 7712 }
    policy:
      - name: prequalified-vendors
        decision: approve
        when: { events: [create_vendor], erpActions: [create], facts: { prequalified: true } }
      - name: vendor-edits
        decision: approve
        when: { events: [reconcile], kinds: [vendor], erpActions: [update], maxErpOperations: 20 }
    poll: { everySeconds: 15 }
    payroll:
      groups: ['1']
      statuses: [approved, completed]
      mapping:
        timeTypes:
          '${payroll.regular}': { earnCode: '1' }
          '${payroll.overtime}': { earnCode: '2' }
    webhook:
      publicUrl: http://127.0.0.1:${http}
      authorization: { file: secrets/webhook }
`,
  );
  return file;
}

function writeSecret(file: string, value: string): void {
  if (!existsSync(file)) writeFileSync(file, value, { mode: 0o600 });
}

/** The given port when nobody has it, else 0: any free one is picked then. */
async function freeOr(port: number): Promise<number> {
  const tryPort = (candidate: number): Promise<number | null> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(null));
      server.listen(candidate, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
      });
    });
  return (await tryPort(port)) ?? (await tryPort(0)) ?? 0;
}

/** The daemon as its own process: what the demo kills is really killed. */
export class DaemonProcess {
  private child: ChildProcess | null = null;

  constructor(
    private readonly configFile: string,
    private readonly logFile: string,
    readonly url: string,
  ) {}

  async start(): Promise<void> {
    const log = createWriteStream(this.logFile, { flags: 'a' });
    const child = spawn(process.execPath, [binary(), '--config', this.configFile, 'daemon'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Not in our process group: Ctrl-C comes through us, in order.
      detached: true,
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    this.child = child;
    await this.answers('/health');
  }

  /** Waits until it can do its job. */
  ready(): Promise<void> {
    return this.answers('/ready');
  }

  /** kill -9: no goodbye, no clean-up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
    this.child = null;
  }

  private async answers(path: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const answer = await fetch(this.url + path).catch(() => null);
      if (answer?.ok) return;
      if (this.child && this.child.exitCode !== null) {
        const tail = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
        throw new Error(`the daemon ended with exit code ${this.child.exitCode}:\n${tail}`);
      }
      if (Date.now() > deadline)
        throw new Error(`the daemon does not answer at ${this.url}${path}; see ${this.logFile}`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }
}

/** Forgets an earlier demo. */
export const forget = (folder: string): void => rmSync(folder, { recursive: true, force: true });
