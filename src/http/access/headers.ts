import type { FastifyInstance } from 'fastify';

/** What pages may load and where they may stand: only what we serve, nowhere but by themselves, and no script or style that stands in a page. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const YEAR_SECONDS = 31_536_000;

/**
 * Security headers on every answer, whatever it is. Nothing is kept by browsers or proxies either: whoever serves what may be kept says so itself. First of all
 * hooks, so that answers of the others have them too. `hsts`: only by HTTPS from now on.
 */
export function secureAnswers(app: FastifyInstance, { hsts }: { readonly hsts: boolean }): void {
  const headers: Readonly<Record<string, string>> = {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(hsts ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}; includeSubDomains` } : {}),
  };
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(headers);
  });
}
