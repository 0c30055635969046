import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ManualClock } from './clock';
import { ProcoreSimulator } from './simulator';
import type { SimulatorOptions } from './types';

const HELP = `Procore simulator

  --port <n>        port to listen on (PROCORE_SIM_PORT, default 4810; 0 picks a free one)
  --host <address>  default 127.0.0.1 (PROCORE_SIM_HOST)
  --options <file>  JSON file with simulator options (PROCORE_SIM_OPTIONS); "clock": "manual" stops time
  --quiet           print only the address (PROCORE_SIM_QUIET=1)`;

function print(line: string): void {
  process.stdout.write(line + '\n');
}

/** Everything of the options that JSON can hold; the clock by name. */
type FileOptions = Omit<SimulatorOptions, 'clock' | 'onLine'> & { clock?: 'system' | 'manual' };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      options: { type: 'string' },
      quiet: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    print(HELP);
    return;
  }
  const env = process.env;
  const file = values.options ?? env['PROCORE_SIM_OPTIONS'];
  const { clock, ...fromFile } =
    file === undefined ? ({} as FileOptions) : (JSON.parse(readFileSync(file, 'utf8')) as FileOptions);
  const quiet = values.quiet ?? env['PROCORE_SIM_QUIET'] === '1';
  const simulator = new ProcoreSimulator();
  const { apiUrl } = await simulator.start({
    ...fromFile,
    ...(clock === 'manual' ? { clock: new ManualClock() } : {}),
    port: Number(values.port ?? env['PROCORE_SIM_PORT'] ?? fromFile.port ?? 4810),
    host: values.host ?? env['PROCORE_SIM_HOST'] ?? fromFile.host ?? '127.0.0.1',
    ...(quiet ? {} : { onLine: (line: string) => print(`${new Date().toISOString()} ${line}`) }),
  });
  print(`Procore simulator listening on ${apiUrl}`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void simulator.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  print(`Procore simulator could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
