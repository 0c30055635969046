import { execFile } from 'node:child_process';
import { binary } from './paths';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tieback` as a person would, and returns what it said. `token`: as the person whose it is. */
export const tiebackResult = (
  configFile: string,
  args: readonly string[],
  token?: string,
): Promise<CliResult> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [binary(), '--config', configFile, ...args],
      {
        maxBuffer: 32 * 1024 * 1024,
        ...(token === undefined ? {} : { env: { ...process.env, TIEBACK_TOKEN: token } }),
      },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
  });

/** As `tiebackResult`, but anything but success is an error. */
export async function tieback(configFile: string, args: readonly string[], token?: string): Promise<string> {
  const { code, stdout, stderr } = await tiebackResult(configFile, args, token);
  if (code !== 0) throw new Error(`tieback ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** One request as `tieback requests --json` tells it. */
export interface ListedRequest {
  readonly id: string;
  /** Procore's number of it. */
  readonly erpRequestId: number | null;
  readonly eventName: string | null;
  readonly subject: string | null;
  readonly status: string;
  readonly reason: string | null;
}

export async function listRequests(configFile: string): Promise<readonly ListedRequest[]> {
  const out = await tieback(configFile, ['requests', '--limit', '200', '--json']);
  return (JSON.parse(out) as { requests: ListedRequest[] }).requests;
}

/** Waits until a request stands at one of the given statuses; fails with where it stands. */
export async function untilStatus(
  configFile: string,
  requestId: number,
  wanted: readonly string[],
  timeoutMs = 60_000,
): Promise<ListedRequest> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = (await listRequests(configFile)).find((request) => request.erpRequestId === requestId);
    if (found && wanted.includes(found.status)) return found;
    if (Date.now() > deadline) {
      throw new Error(
        `ERP request ${requestId} is ${found?.status ?? 'unknown'} (${found?.reason ?? ''}), not ${wanted.join(' or ')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** The same for a request of another source, by its id; with a reason that says this. */
export async function untilRequest(
  configFile: string,
  id: string,
  wanted: readonly string[],
  because = /(?:)/,
  timeoutMs = 60_000,
): Promise<ListedRequest> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = (await listRequests(configFile)).find((request) => request.id === id);
    if (found && wanted.includes(found.status) && because.test(found.reason ?? '')) return found;
    if (Date.now() > deadline)
      throw new Error(
        `request ${id} is ${found?.status ?? 'unknown'} (${found?.reason ?? ''}), not ${wanted.join(' or ')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** A personal token, as IT makes one. */
export async function tokenFor(configFile: string, person: string): Promise<string> {
  const out = await tieback(configFile, ['people', 'add', person, '--days', '365', '--json']);
  return (JSON.parse(out) as { token: string }).token;
}
