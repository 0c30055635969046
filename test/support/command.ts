/** The command line, run by somebody in the installation of a world. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliIo } from '../../src/cli/io';
import type { CommandResult } from './run-command';
import { runCommand } from './run-command';
import { MARIA } from './world';
import type { World } from './world';

/** Runs one command as a person in this installation would: with a configuration file, a home of their own, and what `env` adds. */
export async function commandIn(
  world: World,
  args: readonly string[],
  { env = {}, people = {}, ...io }: Partial<CliIo> & { readonly people?: object } = {},
): Promise<CommandResult> {
  const file = join(world.folder, 'tieback.yaml');
  const [app] = world.config.apps;
  const { temporal } = world.config;
  const config = {
    dataDir: world.folder,
    store: { type: 'better-sqlite3', file: join(world.folder, 'tieback.db') },
    temporal: {
      address: temporal.address,
      namespace: temporal.namespace,
      taskQueue: temporal.taskQueue.toLowerCase(),
    },
    people,
    procoreApps: {
      main: {
        apiUrl: app?.apiUrl,
        loginUrl: app?.loginUrl,
        clientId: 'tieback-demo',
        clientSecret: { env: 'PROCORE_SECRET' },
      },
    },
    connections: {
      [world.connectionId]: {
        procore: { app: 'main', companyId: world.config.connections[0]?.companyId },
        erp: { adapter: 'sample', settings: { file: join(world.folder, 'erp.db') } },
        approvers: [{ id: MARIA }],
        requireSecondPerson: false,
      },
    },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  return runCommand(['--config', file, ...args], {
    ...io,
    env: {
      PROCORE_SECRET: 'demo-secret',
      TIEBACK_URL: world.daemon.url,
      TIEBACK_CREDENTIALS: join(world.folder, 'home', 'credentials.json'),
      ...env,
    },
  });
}
