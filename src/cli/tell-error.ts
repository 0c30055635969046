import { CommanderError } from 'commander';
import pc from 'picocolors';
import type { Cli } from './cli';
import type { Explanation } from './errors';
import { EXIT, explain } from './errors';

/** Tells an error once, as a sentence with what to do (or as JSON), and answers the exit code. */
export function tellError(cli: Cli, argv: readonly string[], error: unknown): number {
  // Commander prints the help by itself when no command is given.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const explanation = error instanceof CommanderError ? usage(error) : explain(error);
  const { code, message, hint, exitCode } = explanation;
  // Not `cli.json`: the options may not have been read when the command line itself is wrong.
  if (argv.includes('--json')) {
    cli.io.stdout.write(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
  } else {
    cli.io.stderr.write(`${text(cli, explanation, error)}\n`);
  }
  return exitCode;
}

function usage({ message, code }: CommanderError): Explanation {
  return {
    code: code === 'commander.unknownCommand' ? 'UNKNOWN_COMMAND' : 'USAGE',
    message: message.replace(/^error: /, ''),
    hint: '`tieback --help` lists the commands; `tieback <command> --help` explains one.',
    exitCode: EXIT.usage,
    unexpected: false,
  };
}

function text({ io, verbose }: Cli, { message, hint, unexpected }: Explanation, error: unknown): string {
  const paint = pc.createColors(io.colours && io.stderr.isTTY === true);
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : '';
  return [
    `${paint.red('error')} ${message}`,
    ...(hint === null ? [] : [paint.dim(hint)]),
    ...(unexpected && verbose && stack !== '' ? [paint.dim(stack)] : []),
    ...(unexpected && !verbose
      ? [paint.dim('Nobody expected this; --verbose shows where it comes from.')]
      : []),
  ].join('\n');
}
