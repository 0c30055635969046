/**
 * A daemon in a process of its own that kills itself with SIGKILL at the first I/O call of a given name: nothing is finished, nothing is told.
 * Arguments: a file with the configuration as JSON, the workflow bundle, the name of the call, `before` or `after`.
 */
import { readFileSync } from 'node:fs';
import type { Config } from '../../src/config/load';
import { startDaemon } from '../../src/daemon';
import { silentLogger } from '../../src/telemetry/logger';

const [configFile = '', codePath = '', fatal = '', when = ''] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

async function main(): Promise<void> {
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as Config;
  const daemon = await startDaemon(config, silentLogger, {
    bundle: { codePath },
    hooks: {
      store: async (name, call) => {
        process.stdout.write(`${name}\n`);
        if (name === fatal && when === 'before') die();
        const result = await call();
        if (name === fatal) die();
        return result;
      },
    },
  });
  await daemon.working;
  process.stdout.write('working\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
