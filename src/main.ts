import { Command, CommanderError } from 'commander';
import { registerAdapters } from './cli/adapters';
import { registerAudit } from './cli/audit';
import { registerCensus } from './cli/census';
import { registerConflicts } from './cli/conflicts';
import type { GlobalOptions, Register } from './cli/cli';
import { Cli } from './cli/cli';
import { registerCorrect, registerRetry } from './cli/correct';
import { registerCrossref } from './cli/crossref';
import { registerDaemon } from './cli/daemon';
import { registerApprove, registerReject } from './cli/decide';
import { registerDemo } from './cli/demo';
import { registerDoctor } from './cli/doctor';
import { EXIT } from './cli/errors';
import type { CliIo } from './cli/io';
import { processIo } from './cli/io';
import { registerErp } from './cli/erp';
import { registerLinks } from './cli/links';
import { registerLogin, registerLogout } from './cli/login';
import { registerNotify } from './cli/notify';
import { registerPeople } from './cli/people';
import { registerProvision } from './cli/provision';
import { registerExceptions } from './cli/exceptions';
import { registerRequests } from './cli/requests';
import { registerRestored } from './cli/restored';
import { registerSchema } from './cli/schema';
import { registerShow } from './cli/show';
import { registerSql } from './cli/sql';
import { registerStore } from './cli/store-commands';
import { registerPayroll } from './cli/payroll';
import { registerPlan, registerReconcile } from './cli/reconcile';
import { registerRules } from './cli/rules';
import { registerSweep } from './cli/sweep';
import { tellError } from './cli/tell-error';
import { version } from './version';

/**
 * The commands of `tieback`, in the order people meet them.
 *
 * How to add one: 1. write a file in `cli/` that exports a `Register`; 2. add a line here.
 */
const COMMANDS: readonly Register[] = [
  registerDaemon,
  registerDemo,
  registerProvision,
  registerDoctor,
  registerPeople,
  registerNotify,
  registerRules,
  registerCensus,
  registerLogin,
  registerLogout,
  registerRequests,
  registerExceptions,
  registerLinks,
  registerConflicts,
  registerShow,
  registerApprove,
  registerReject,
  registerCorrect,
  registerRetry,
  registerRestored,
  registerSchema,
  registerReconcile,
  registerPlan,
  registerPayroll,
  registerCrossref,
  registerSweep,
  registerAudit,
  registerAdapters,
  registerErp,
  registerSql,
  registerStore,
];

const EXIT_CODES = `
Exit codes:
  0  done, and all is well
  1  something failed, or is not as it should be
  2  wrong usage or configuration, or the decision was refused
  3  somebody changed our records past Tieback

Start here: tieback demo`;

/** Every command with its options. */
export function commandLine(io: CliIo): { readonly program: Command; readonly cli: Cli } {
  const program = new Command('tieback');
  const cli = new Cli(io, () => program.opts<GlobalOptions>());
  program
    .description(
      'Keeps Procore and the ERP in agreement: what finance approved is exactly what was written, once.',
    )
    .version(version())
    .option('--config <file>', 'configuration file (TIEBACK_CONFIG; otherwise tieback.yaml here)')
    .option('--json', 'results and errors as JSON')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .option('--verbose', 'log what is done, to standard error')
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => io.colours,
      getErrHasColors: () => io.colours,
      // Told by `tellError`, in one form with all other errors.
      outputError: () => undefined,
    })
    .exitOverride();
  for (const register of COMMANDS) register(program, cli);
  return { program, cli };
}

/** Runs one command line (without `node` and script) and answers the exit code. */
export async function run(argv: readonly string[], io: CliIo): Promise<number> {
  const { program, cli } = commandLine(io);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    return tellError(cli, argv, error);
  }
}

/** The process: called by `bin/tieback`. */
export async function main(): Promise<void> {
  const io = processIo();
  // `tieback requests | head` closes the pipe early; that is no error.
  process.stdout.on('error', () => process.exit(EXIT.ok));
  const code = await run(process.argv.slice(2), io);
  // Written to the end first: a pipe may still be full.
  process.stdout.write('', () => process.exit(code));
}

if (require.main === module) void main();
