import type { Client } from '@temporalio/client';
import type { Config } from '../config/load';
import { lazy } from './lazy';

const CONNECT_MS = 5_000;

/** Connects to Temporal for as long as `use` runs. */
export async function withClient<T>(config: Config, use: (client: Client) => Promise<T>): Promise<T> {
  const { temporal } = config;
  const connection = await lazy.connect().connectClient(temporal, { timeoutMs: CONNECT_MS });
  try {
    const dataConverter = lazy.payloadCodec().createDataConverter({ keys: temporal.payloadKeys });
    return await use(
      new (lazy.client().Client)({ connection, namespace: temporal.namespace, dataConverter }),
    );
  } finally {
    await connection.close();
  }
}
