import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anchoringOf } from '../../src/anchoring';
import { createLogger } from '../../src/telemetry/logger';

const ANCHOR = {
  ...{ connectionId: 'acme', seq: 7, hash: 'f'.repeat(64), at: '2026-03-09T15:22:41.108Z' },
  ...{ keyId: null, hmac: null },
};

test('an auditor may have an address that anchors are sent to; one that does not take them is told', async () => {
  const received: { method: string | undefined; body: string }[] = [];
  const answers = [201, 503];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ method: request.method, body });
      response.writeHead(answers.shift() ?? 500).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const anchorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/anchors`;
  const audit = { keys: [], keysToMake: [], anchorEveryMs: 0, anchorFile: null, anchorUrl };
  const { places } = anchoringOf({ audit }, createLogger({ level: 'error', format: 'json' }));
  const address = places.find(({ name }) => name === anchorUrl);
  await address?.keep(ANCHOR);
  expect(received.map(({ method, body }) => [method, JSON.parse(body) as object])).toEqual([
    ['POST', ANCHOR],
  ]);
  await expect(address?.keep(ANCHOR)).rejects.toThrow('it answered 503');
  await new Promise((done) => server.close(done));
});
