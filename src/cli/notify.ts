import { randomUUID } from 'node:crypto';
import { NotSent, sender } from '../notify';
import type { Register } from './cli';
import { CliError, EXIT } from './errors';

export const registerNotify: Register = (program, cli) => {
  const notify = program.command('notify').description('who is told by e-mail, Teams or Slack (desk.notify)');
  notify
    .command('test')
    .description('send one test message to somebody, and tell what the other end answered')
    .requiredOption('--to <name>', 'name of the receiver in desk.notify.receivers')
    .addHelpText('after', '\nExample:\n  tieback notify test --to maria')
    .action(async ({ to }: { to: string }) => {
      const { desk, file } = cli.config();
      const receivers = desk.notify?.receivers ?? [];
      const receiver = receivers.find(({ name }) => name === to);
      if (desk.notify === null || desk.url === null || receiver === undefined)
        throw new CliError(`Nobody is called "${to}" under desk.notify.receivers in ${file}.`, {
          hint: `There are: ${receivers.map(({ name }) => name).join(', ') || 'none'}.`,
          code: 'RECEIVER_UNKNOWN',
        });
      const letter = {
        id: randomUUID(),
        line: 'A test of Tieback: messages about what waits for you come this way',
        link: `${desk.url}/inbox`,
      };
      const answer = await sender(desk.notify.smtp)(receiver.address, letter).catch((error: unknown) => {
        if (!(error instanceof NotSent)) throw error;
        throw new CliError(error.message, { code: 'NOT_SENT', exitCode: EXIT.failed });
      });
      cli.result(
        { receiver: to, answer },
        () => `${cli.paint.green('✓')} Sent to ${to}. The answer: ${answer}`,
      );
    });
};
