import type { ProcoreId } from '../domain/kinds/record';
import type { WebSettings } from '../domain/request/web-link';
import { webLink } from '../domain/request/web-link';
import type { SyncRequestRow } from '../store/rows';

/** What of the configuration says where people find things. */
export interface Places {
  readonly temporal: { readonly webUi: string | null; readonly namespace: string };
  readonly connections: readonly {
    readonly id: string;
    readonly app: string;
    readonly companyId: ProcoreId;
  }[];
  readonly apps: readonly ({ readonly name: string } & WebSettings)[];
}

/** Address of a workflow in the Temporal Web UI; null: none is configured. */
export const workflowLink = ({ temporal }: Pick<Places, 'temporal'>, workflowId: string): string | null =>
  temporal.webUi === null
    ? null
    : `${temporal.webUi.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(workflowId)}`;

/** Where Procore shows what a request is about; null: no address is known. */
export function procoreLink(
  { connections, apps }: Pick<Places, 'connections' | 'apps'>,
  { connectionId, about }: Pick<SyncRequestRow, 'connectionId' | 'about'>,
): string | null {
  const connection = connections.find(({ id }) => id === connectionId);
  const app = apps.find(({ name }) => name === connection?.app);
  return app && connection && about?.place ? webLink(app, connection.companyId, about.place) : null;
}
