import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';

/** Beginnings of paths that are no pages: what is not found there is answered as an API answers. */
const NO_PAGES = /^\/(api|auth|webhooks|health|ready|assets)(\/|$)/;

/** How long browsers keep a file whose name changes with its content, in seconds. */
const FOR_EVER = 31_536_000;

/**
 * The Finance Desk as a browser loads it: files of `folder`, which `npm run build` makes, and the one page behind every address of it. Files are immutable
 * (their names change with their content), the page itself is never kept. A daemon that was built without them says so.
 */
export const pagesPlugin =
  (folder: string): FastifyPluginAsync =>
  async (app) => {
    const file = join(folder, 'index.html');
    if (!existsSync(file)) {
      app.get('/', (_request, reply) =>
        reply
          .code(503)
          .type('text/plain; charset=utf-8')
          .send('The Finance Desk is not built: run `npm run build` in the folder of Tieback.\n'),
      );
      return;
    }
    const page = readFileSync(file, 'utf8');
    await app.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      immutable: true,
      maxAge: FOR_EVER * 1000,
      index: false,
      decorateReply: true,
      // The build has made them; what is between us and the browser keeps each apart.
      preCompressed: true,
      setHeaders: (answer) => {
        answer.setHeader('vary', 'accept-encoding');
      },
    });
    for (const name of ['theme.js', 'icon.svg']) {
      app.get(`/${name}`, (_request, reply) =>
        reply.sendFile(name, folder, { immutable: false, maxAge: 0, cacheControl: true }),
      );
    }
    app.get('/*', async (request, reply) => {
      const { pathname } = new URL(request.url, 'http://desk');
      if (NO_PAGES.test(pathname)) return reply.code(404).send({ error: 'not found' });
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
    });
  };

/** Where the build puts the page, beside the compiled code or in the tree that it is compiled from. */
export const builtPages = (): string => {
  const beside = join(__dirname, '..', '..', 'web');
  return existsSync(beside) && existsSync(join(beside, 'assets'))
    ? beside
    : join(__dirname, '..', '..', 'dist', 'web');
};
