/** The doctor of the command line, run beside the daemon: the same checks, in a process of their own that keeps nothing here waiting. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Area } from './desk/connections/doctor';
import { DeskRefusal } from './desk/refusal';

/** However long the sides take to say that they are away. */
const LONGEST_MS = 180_000;
const MOST_OUTPUT = 4 * 1024 * 1024;

/** Runs `tieback doctor` with this configuration. Throws `DeskRefusal` `DOCTOR_FAILED`, and the reason of the signal. */
export async function runDoctor(configFile: string, signal: AbortSignal): Promise<readonly Area[]> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  const child = fork(join(__dirname, 'main'), ['doctor', '--json', '--config', configFile], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    signal: ends,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (text.length > MOST_OUTPUT) child.kill('SIGKILL');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw failed('it took too long, or could not be started', error);
  });
  signal.throwIfAborted();
  try {
    return (JSON.parse(text) as { readonly areas: readonly Area[] }).areas;
  } catch (error) {
    throw failed(`it ended with code ${code ?? 'none'} and said nothing`, error);
  }
}

const failed = (why: string, cause: unknown): DeskRefusal =>
  new DeskRefusal(
    'DOCTOR_FAILED',
    `The doctor did not come to an end: ${why}.`,
    'Run `tieback doctor`.',
    cause,
  );
