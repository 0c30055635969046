import createClient from 'openapi-fetch';
import type { paths } from './schema';

/** What the Desk refuses: a sentence, what helps, and a code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
  }
}

/** Nobody answered: the daemon restarts, or the network is gone. */
export const UNREACHABLE = 'UNREACHABLE';

/** Told whenever an answer says that nobody is logged in any more. */
export const loggedOut = new EventTarget();

const client = createClient<paths>({
  baseUrl: '/',
  credentials: 'same-origin',
  fetch: async (request: Request) => {
    try {
      return await fetch(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw new Refusal(
        0,
        UNREACHABLE,
        'The Finance Desk does not answer.',
        'Your browser tries again by itself.',
      );
    }
  },
});

export const { GET, POST, PUT, DELETE } = client;

interface Answer<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** The answer, or a `Refusal`. */
export async function answerOf<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked;
  if (response.ok && data !== undefined) return data;
  const refusal = refusalOf(response.status, error);
  if (response.status === 401) loggedOut.dispatchEvent(new Event('out'));
  throw refusal;
}

function refusalOf(status: number, body: unknown): Refusal {
  const { code, message, hint } =
    (body as { error?: { code?: string; message?: string; hint?: string } } | undefined)?.error ?? {};
  return new Refusal(
    status,
    code ?? `HTTP_${status}`,
    message ?? `The Finance Desk answered ${status}, and not as it should.`,
    hint ?? null,
  );
}

/** The answer of a path, as the document of the API has it. */
export type AnswerTo<
  Path extends keyof paths,
  Method extends keyof paths[Path] = 'get' & keyof paths[Path],
  Type extends string = 'application/json',
> = paths[Path][Method] extends { responses: { 200: { content: Readonly<Record<Type, infer Body>> } } }
  ? Body
  : never;
