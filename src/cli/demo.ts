import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Register } from './cli';
import { packageRoot } from '../version';
import { CliError, EXIT } from './errors';

export const registerDemo: Register = (program, cli) => {
  program
    .command('demo [args...]')
    .description('see everything run on this machine: stand-ins for Procore and the ERP, then the daemon')
    .addHelpText('after', '\nExamples:\n  tieback demo\n  tieback demo -- --help')
    .action(async (args: string[]) => {
      const script = demoScript();
      if (!existsSync(script)) {
        throw new CliError(`The demo is not there: ${script} does not exist.`, {
          hint: 'It is built from the sources: run `npm run demo` in the project folder.',
          exitCode: EXIT.failed,
          code: 'DEMO_MISSING',
        });
      }
      cli.exitCode = await runScript(script, args);
    });
};

/** The demo is a client of Tieback, not a part of it: it runs as a process of its own. */
const demoScript = (): string => join(packageRoot(), 'dist', 'sandbox', 'demo', 'main.js');

function runScript(script: string, args: readonly string[]): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
    // Ctrl-C reaches the demo by itself; it decides when to end.
    const forward = (signal: NodeJS.Signals) => (): void => void child.kill(signal);
    const onTerm = forward('SIGTERM');
    const onInt = (): void => undefined;
    process.on('SIGTERM', onTerm).on('SIGINT', onInt);
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      process.removeListener('SIGTERM', onTerm).removeListener('SIGINT', onInt);
      done(code ?? (signal === 'SIGINT' ? EXIT.interrupted : EXIT.failed));
    });
  });
}
