import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsOf, commandsPage } from '../../../docs/commands-page';

const ROOT = join(__dirname, '..', '..', '..');
const page = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const commands = commandsOf();
const NAMES = commands.map(({ name }) => name);
/** A group alone is its default command. */
const GROUPS = {
  'tieback people': 'tieback people list',
  'tieback exceptions': 'tieback exceptions list',
  'tieback conflicts': 'tieback conflicts list',
  'tieback reconcile': 'tieback reconcile run',
  'tieback payroll people': 'tieback payroll people list',
} as Readonly<Record<string, string>>;

test('docs/commands.md is what `npm run docs` makes', () => {
  expect(page('docs', 'commands.md')).toBe(commandsPage());
});

test('README lists every command once, and no other', () => {
  const cells = [...page('README.md').matchAll(/^\| (`tieback [^|]*?) +\|/gm)].map(([, cell = '']) => cell);
  const listed = cells.flatMap((cell) =>
    [...cell.matchAll(/`(tieback [^`]+)`/g)].map(([, typed = '']) => typed),
  );
  const own = listed.flatMap((typed) => {
    const name = nameOf(typed);
    return name === null ? [`${typed}: no such command`] : [name];
  });
  expect([...new Set(own)].sort()).toEqual([...NAMES].sort());
});

test.each([
  'README.md',
  'docs/operator-guide.md',
  'docs/audit.md',
  'docs/configuration.md',
  'docs/adapter-guide.md',
  'docs/reconcile.md',
  'docs/mapping.md',
  'docs/payroll.md',
])('%s names commands and options that there are', (file) => {
  const typed = [...page(file).matchAll(/(?:^|[`/])(tieback [a-z][^`\n#]*)/gm)].map(([, text = '']) =>
    text.trim(),
  );
  expect(typed.length).toBeGreaterThan(0);
  expect(typed.flatMap(problemsOf)).toEqual([]);
});

function nameOf(typed: string): string | null {
  const words = typed.split(' ').filter((word) => !word.startsWith('-'));
  const beginnings = [4, 3, 2].map((count) => words.slice(0, count).join(' '));
  const names = beginnings.map((typed) => GROUPS[typed] ?? typed);
  return names.find((name) => NAMES.includes(name)) ?? null;
}

function problemsOf(typed: string): readonly string[] {
  // `tieback --config <file> daemon` has its options anywhere.
  const name = nameOf(typed.replace(/--config \S+ /, ''));
  if (name === null) return [`${typed}: no such command`];
  const own = commands.find((one) => one.name === name)?.command;
  const known = [...(own?.options ?? []), ...(own?.parent?.options ?? []), ...GLOBAL].map(({ long }) => long);
  // What follows `--` is for another program.
  const [before = ''] = typed.split(' -- ');
  const used = [...before.matchAll(/(?<= )--[a-z-]+/g)].map(([flag]) => flag);
  return used.filter((flag) => !known.includes(flag)).map((flag) => `${typed}: no such option ${flag}`);
}

const GLOBAL = [...(commands[0]?.command.parent?.options ?? []), { long: '--help' }];
