import { ACTION_NAMES, type RemoteActions } from './actions';

/** The control door refused; `status` and the reason of the simulator. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

class Remote {
  constructor(apiUrl: string) {
    const base = apiUrl.replace(/\/$/, '') + '/_sim';
    for (const name of ACTION_NAMES) {
      Object.assign(this, { [name]: (...args: unknown[]) => play(`${base}/${name}`, args) });
    }
  }
}

/** Drives a simulator that runs in another process, with the methods of `ProcoreSimulator`. */
export const SimulatorControl = Remote as new (apiUrl: string) => RemoteActions;
export type SimulatorControl = RemoteActions;

async function play(url: string, args: unknown[]): Promise<unknown> {
  // JSON has no undefined: what was left out at the end stays away.
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  const response = await fetch(url, {
    method: 'POST',
    // A kept connection may be closed by the simulator just as a process that was busy for seconds sends its next call.
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ args: given }),
  });
  const text = await response.text();
  const answer = text === '' ? undefined : (JSON.parse(text) as { error?: unknown } | undefined);
  if (response.ok) return answer;
  const reason = answer?.error;
  throw new ControlError(response.status, typeof reason === 'string' ? reason : response.statusText);
}
