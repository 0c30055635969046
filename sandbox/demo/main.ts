/**
 * `npm run demo`: the main job on real parts, with nothing configured. Starts a real Temporal server, the Procore simulator, the sample
 * ERP and the daemon, lets a morning's events happen, and tells what to type next. State stays in the folder: the next start goes on.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { tieback, untilStatus } from './cli';
import type { Installation } from './installation';
import { forget, startInstallation } from './installation';
import { projectRoot } from './paths';
import { feedPayroll, requestOf } from './payroll';
import type { Say } from './say';
import { colours as pc, sayTo } from './say';
import { playScript } from './script';
import type { Story } from './story';
import { feed } from './story';

interface Options {
  readonly script?: true;
  readonly fresh?: true;
  readonly dir: string;
}

async function main(): Promise<number> {
  const program = new Command('npm run demo --')
    .description(
      'Shows Tieback at work: a real Temporal server, a Procore simulator, a sample ERP, and the daemon.',
    )
    .option('--script', 'play the people too, kill the daemon once, check the end state, and end')
    .option('--fresh', 'forget the state of an earlier demo')
    .option('--dir <folder>', 'where the state is kept', join(projectRoot(), '.tieback', 'demo'))
    .parse();
  const options = program.opts<Options>();
  const say = sayTo(process.stdout);
  // A script judges its end state: it needs its own beginning.
  const folder = options.script ? join(options.dir, '..', 'demo-script') : options.dir;
  if (options.fresh || options.script) forget(folder);
  const installation = await startInstallation(folder, say);
  const interrupted = untilInterrupted();
  try {
    const story = await tellStory(installation, say);
    if (options.script) return (await playScript(installation, story, say)) ? 0 : 1;
    await printState(installation, say);
    await interrupted;
    return 0;
  } finally {
    say.line();
    say.line(pc.dim('Stopping ...'));
    await installation.stop();
    if (!options.script)
      say.line(
        pc.dim(`The state is kept in ${shown(folder)}; npm run demo goes on there, -- --fresh forgets it.`),
      );
  }
}

async function tellStory(installation: Installation, say: Say): Promise<Story> {
  const { folder, configFile } = installation;
  const file = join(folder, 'story.json');
  if (existsSync(file)) {
    say.line();
    say.line(`Going on with the demo of an earlier start (${shown(folder)}).`);
    return JSON.parse(readFileSync(file, 'utf8')) as Story;
  }
  say.step('Events', 'a morning in Procore');
  const closed = ['applied', 'rejected', 'failed'];
  const morning = await feed(
    installation,
    async (requestId) => void (await untilStatus(configFile, requestId, closed)),
  );
  const week = await feedPayroll(installation, say);
  const story = { ...morning, payroll: { ...installation.payroll, ...week } };
  writeFileSync(file, JSON.stringify(story));
  await untilStatus(configFile, story.byRule, ['applied']);
  say.done(`request ${story.byRule}: a policy rule approved it, the vendor is in the ERP`);
  await untilStatus(configFile, story.forFinance, ['waiting_for_finance']);
  await untilStatus(configFile, story.toReject, ['waiting_for_finance']);
  say.done(`requests ${story.forFinance} and ${story.toReject}: wait for finance`);
  await untilStatus(configFile, story.parked, ['parked']);
  say.done(`request ${story.parked}: parked, the ERP has no place for its address`);
  say.done(`request ${story.refusedByProcore}: Procore's own validation refused one vendor of a sync`);
  return story;
}

async function printState(installation: Installation, say: Say): Promise<void> {
  const { configFile, webUi, folder } = installation;
  say.line();
  say.line(await tieback(configFile, ['requests']));
  const story = JSON.parse(readFileSync(join(folder, 'story.json'), 'utf8')) as Story;
  const command = (text: string): string => pc.cyan(text);
  say.line(pc.bold('Look'));
  say.line(`  ${command(installation.deskUrl)}   the Finance Desk: you are logged in by itself, as "demo"`);
  if (webUi !== null)
    say.line(
      `  ${command(`${webUi}/namespaces/tieback/workflows?query=WorkflowType%3D%22syncRequest%22`)}   every request as a workflow`,
    );
  say.line(`  ${command(`${installation.daemon.url}/ready`)}   health of the daemon`);
  say.line(pc.bold('Type in another terminal, in this folder'));
  say.line(`  ${command('alias tieback=./bin/tieback')}`);
  if (folder !== join(projectRoot(), '.tieback', 'demo'))
    say.line(`  ${command(`export TIEBACK_CONFIG=${configFile}`)}`);
  say.line(`  ${command('tieback requests')}`);
  say.line(`  ${command(`tieback show ${story.forFinance}`)}   the exact plan finance is asked about`);
  say.line(`  ${command(`tieback approve ${story.forFinance}`)}`);
  say.line(`  ${command(`tieback reject ${story.toReject} --comment "we do not buy there"`)}`);
  say.line(`  ${command(`tieback correct ${story.parked} "address=14 Dock St Suite 200"`)}`);
  say.line(
    `  ${command(`tieback show ${requestOf(story.payroll.end)}`)}   last week's payroll, and who is left out`,
  );
  say.line(`  ${command(`tieback payroll people accept ${story.payroll.stranger}`)}   says who that is`);
  say.line(`  ${command('tieback audit verify')}`);
  say.line();
  say.line('Ctrl-C ends it.');
}

const shown = (path: string): string => relative(process.cwd(), path) || '.';

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0;
    const stop = (): void => {
      asked += 1;
      if (asked > 1) process.exit(130);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`\n${pc.red('The demo could not go on:')} ${error.message}\n`);
    process.exit(1);
  },
);
