/**
 * The daemon in a process of its own, from the configuration file that an operator would write: killing it is a real kill. Arguments: the
 * configuration file, the workflow bundle.
 */
import { loadConfig } from '../../../src/config/load';
import { startDaemon } from '../../../src/daemon';
import { createLogger } from '../../../src/telemetry/logger';

const [configFile = '', codePath = ''] = process.argv.slice(2);

const end = (error: unknown): void => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exit(1);
};

startDaemon(loadConfig(configFile), createLogger({ format: 'json', level: 'info' }), {
  bundle: { codePath },
}).then(({ failed }) => failed.catch(end), end);
