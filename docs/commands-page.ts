import type { Command, Option } from 'commander';
import { processIo } from '../src/cli/io';
import { commandLine } from '../src/main';

/** Commands that do something, with their full names, in the order people meet them. */
export function commandsOf(
  command: Command = commandLine(processIo()).program,
  path: readonly string[] = [],
): readonly { readonly name: string; readonly usage: string; readonly command: Command }[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((sub) => commandsOf(sub, [...path, command.name()]));
  const name = [...path, command.name()].join(' ');
  return [{ name, usage: `${name} ${argumentsOf(command)}`.trim(), command }];
}

const argumentsOf = ({ registeredArguments }: Command): string =>
  registeredArguments
    .map((argument) => {
      const word = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${word}>` : `[${word}]`;
    })
    .join(' ');

/** `docs/commands.md`. */
export function commandsPage(): string {
  const { program } = commandLine(processIo());
  const sections = commandsOf(program).map(({ usage, command }) =>
    [
      `## ${usage.replace(/[<>]/g, (sign) => `\\${sign}`)}`,
      `${sentence(command.description())}`,
      optionsTable(command.options),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return `${[
    '# Commands',
    '<!-- Made by `npm run docs` from the program itself. -->',
    'Every command has `--help` with examples. Options of all commands:',
    optionsTable(program.options.filter(({ long }) => long !== '--version')),
    'How a command ends: 0 done, and all is well; 1 something failed, or is not as it should be; 2 wrong usage or configuration, or the\n' +
      'decision was refused; 3 somebody changed our records past Tieback.',
    ...sections,
  ].join('\n\n')}\n`;
}

function optionsTable(options: readonly Option[]): string {
  if (options.length === 0) return '';
  const rows = options.map(({ flags, description }) => [
    `\`${flags}\``,
    sentence(description).replaceAll('|', '\\|'),
  ]);
  const [first, second] = [0, 1].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0), column === 0 ? 6 : 12),
  );
  const line = ([left = '', right = '']: readonly string[]): string =>
    `| ${left.padEnd(first ?? 0)} | ${right.padEnd(second ?? 0)} |`;
  return [
    line(['option', 'what it does']),
    `| ${'-'.repeat(first ?? 0)} | ${'-'.repeat(second ?? 0)} |`,
    ...rows.map(line),
  ].join('\n');
}

/** Begins with a capital and ends with a full stop. */
const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
