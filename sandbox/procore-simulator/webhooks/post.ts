import http from 'node:http';
import https from 'node:https';

export interface PostResult {
  status: number | null;
  headers: Record<string, string>;
  body: string;
  error: string | null;
}

/** One POST on a connection of its own, cut off after the time-out. Never rejects. */
export function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<PostResult> {
  return new Promise((resolve) => {
    const failed = (error: string): void => resolve({ status: null, headers: {}, body: '', error });
    const client = url.startsWith('https:') ? https : http;
    const request = client.request(
      url,
      {
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => failed(error.message));
        response.on('end', () => {
          const shown: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) shown[name] = String(value);
          resolve({
            status: response.statusCode ?? null,
            headers: shown,
            body: Buffer.concat(chunks).toString('utf8').slice(0, 2000),
            error: null,
          });
        });
      },
    );
    const timer = setTimeout(() => request.destroy(new Error('execution expired')), timeoutMs);
    request.on('error', (error) => failed(error.message));
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
}
