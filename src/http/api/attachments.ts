import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';

/** The name of a download, as RFC 6266 has it: one for old readers, and the exact one. */
export function disposition(fileName: string): string {
  const plain = fileName.replace(/[^A-Za-z0-9._-]/g, '_');
  const exact = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/** Sends a file that is saved, and never shown in the page of the Desk. */
export function sendFile(
  reply: FastifyReply,
  { name, type, body }: { readonly name: string; readonly type: string; readonly body: Readable | Buffer },
): FastifyReply {
  return reply
    .serializer((payload: unknown) => payload as string)
    .header('content-disposition', disposition(name))
    .header('x-content-type-options', 'nosniff')
    .type(type)
    .send(body);
}

/** Lines as they come: what is read on the other side says how fast. */
export const linesAsFile = (lines: AsyncIterable<string>): Readable =>
  Readable.from(terminated(lines), { objectMode: false });

async function* terminated(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
