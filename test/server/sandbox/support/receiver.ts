import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

/** A webhook destination whose answers the test decides. */
export class Receiver {
  readonly received: Received[] = [];
  /** Status of the coming answers; 0 leaves the call without one. */
  answer = 204;
  url = '';
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        this.received.push({
          path: request.url ?? '',
          authorization: request.headers.authorization,
          body: JSON.parse(text) as Record<string, unknown>,
        });
        if (this.answer === 0) return;
        response.writeHead(this.answer);
        response.end();
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  ids(): unknown[] {
    return this.received.map((r) => r.body['resource_id']);
  }
}
