import { Cli } from '../../../src/cli/cli';
import type { GlobalOptions } from '../../../src/cli/cli';
import type { Area } from '../../../src/cli/findings';
import { failed, ok, renderReport, skipped, warning } from '../../../src/cli/findings';
import type { CliIo } from '../../../src/cli/io';

interface Heard {
  readonly cli: Cli;
  readonly out: () => string;
  readonly err: () => string;
}

function cliWith(options: GlobalOptions, { isTTY = false } = {}): Heard {
  let [out, err] = ['', ''];
  const io: CliIo = {
    stdout: { write: (text) => (out += text), isTTY, columns: 100 },
    stderr: { write: (text) => (err += text), isTTY, columns: 100 },
    ask: null,
    askSecret: null,
    account: () => 'uid 1000 (ops)',
    env: {},
    colours: false,
    now: () => new Date('2026-03-09T15:30:00.000Z'),
    signals: { on: () => undefined, removeListener: () => undefined },
    exit: () => undefined,
  };
  return { cli: new Cli(io, () => options), out: () => out, err: () => err };
}

const WELL: Area = { name: 'Store', findings: [ok('reachable', 'tieback.db'), skipped('census', 'never')] };
const AREAS: readonly Area[] = [
  WELL,
  {
    name: 'Daemon',
    findings: [ok('daemon', 'runs'), warning('clock', 'is 2 min ahead', 'Set it.')],
  },
  {
    name: 'Temporal',
    findings: [failed('namespace', 'is not there', 'Run `tieback provision`.'), ok('reachable', 'here')],
  },
];
const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.replace(/ +/g, ' '));

test('what is wrong comes first, then warnings, then a line for each area', () => {
  const { cli } = cliWith({});
  expect(lines(renderReport(cli, AREAS, false))).toEqual([
    '✗ Temporal: namespace is not there',
    ' → Run `tieback provision`.',
    '',
    '! Daemon: clock is 2 min ahead',
    ' → Set it.',
    '',
    '✓ Store tieback.db; 2 checks, 1 skipped',
    '! Daemon runs; 2 checks, 1 warning',
    '✗ Temporal 2 checks, 1 failed',
  ]);
});

test('what is well is a line; everything is told when it is asked for', () => {
  const { cli } = cliWith({});
  expect(lines(renderReport(cli, [WELL], false))).toEqual(['✓ Store tieback.db; 2 checks, 1 skipped']);
  expect(lines(renderReport(cli, [WELL], true))).toEqual([
    'Store',
    ' ✓ reachable tieback.db',
    ' – census never',
  ]);
});

test('an area of which nothing could be asked says why', () => {
  const { cli } = cliWith({});
  const area: Area = { name: 'Daemon', findings: [skipped('daemon', 'none was started yet')] };
  expect(lines(renderReport(cli, [area], false))).toEqual([
    '– Daemon none was started yet; 1 check, 1 skipped',
  ]);
});

test('commands work as they are told: with the configuration file that was named', () => {
  const { cli } = cliWith({ config: '/etc/tieback/tieback.yaml' });
  expect(cli.asTyped('Run `tieback provision`, or `tieback daemon --config x.yaml`; `chmod 600 x`')).toBe(
    'Run `tieback --config /etc/tieback/tieback.yaml provision`, or `tieback daemon --config x.yaml`; `chmod 600 x`',
  );
  expect(cliWith({ config: '/etc/my tieback.yaml' }).cli.asTyped('`tieback doctor`')).toBe(
    '`tieback --config "/etc/my tieback.yaml" doctor`',
  );
  expect(cliWith({}).cli.asTyped('`tieback doctor`')).toBe('`tieback doctor`');
});

test('progress is for a terminal alone, and leaves nothing behind', () => {
  const terminal = cliWith({}, { isTTY: true });
  terminal.cli.progress('Looking at Temporal ...');
  terminal.cli.progress(null);
  expect(terminal.err()).toBe('\r\u001b[2KLooking at Temporal ...\r\u001b[2K');
  expect(terminal.out()).toBe('');
  for (const [options, isTTY] of [
    [{}, false],
    [{ json: true }, true],
    [{ verbose: true }, true],
  ] as const) {
    const quiet = cliWith(options, { isTTY });
    quiet.cli.progress('Looking at Temporal ...');
    expect(quiet.err() + quiet.out()).toBe('');
  }
});
