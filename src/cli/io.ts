import { userInfo } from 'node:os';
import { Writable } from 'node:stream';
import pc from 'picocolors';
import type { Environment } from '../config/load';

/** A stream the command line writes to. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command needs from signals: the part of `process` that tests can play. */
export interface Signals {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  removeListener(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** Everything the command line touches outside itself; tests give their own. */
export interface CliIo {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Asks on the terminal; null where nobody can answer. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** As `ask`, without showing what is typed. */
  readonly askSecret: ((question: string) => Promise<string>) | null;
  /** The account that runs the command, e.g. `uid 0 (root)`. */
  readonly account: () => string;
  /** Variables for the configuration; without them those of the process. */
  readonly env?: Environment;
  readonly colours: boolean;
  /** IANA name of the reader's time zone; UTC where it is not given. */
  readonly timeZone?: string;
  readonly now: () => Date;
  readonly signals: Signals;
  /** Ends the process at once: for a second Ctrl-C. */
  readonly exit: (code: number) => void;
}

/** The terminal, or whatever stands in its place. */
export function processIo(): CliIo {
  const { stdin, stdout, stderr } = process;
  const interactive = stdin.isTTY && stdout.isTTY;
  return {
    stdout,
    stderr,
    ask: interactive ? askOnTerminal : null,
    askSecret: interactive ? askInSecret : null,
    account: accountOfProcess,
    // picocolors also colours for CI systems and on Windows; results that go into a file or a pipe stay plain.
    colours: stdout.isTTY && pc.isColorSupported,
    timeZone: zoneOfProcess(),
    now: () => new Date(),
    signals: process,
    exit: (code) => process.exit(code),
  };
}

/** By TZ or the machine's own setting; one that Node does not know (`TZ=nonsense`) is UTC. */
function zoneOfProcess(): string {
  try {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

async function askOnTerminal(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

/** The answer alone goes to the terminal's echo, and it is swallowed. */
async function askInSecret(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const swallow = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stdout.write(question);
  const terminal = createInterface({ input: process.stdin, output: swallow, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stdout.write('\n');
  }
}

/** Names of accounts can be long; 32 characters of one are enough to know it. */
function accountOfProcess(): string {
  const { uid, username } = userInfo();
  return uid < 0 ? `account ${username.slice(0, 32)}` : `uid ${uid} (${username.slice(0, 32)})`;
}
