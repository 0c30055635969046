import type { JsonObject } from './json';
import type { TokenAnswer } from './oauth';
import type { People, PeopleAction } from './people/people';
import type { LogFilter } from './request-log';
import type {
  ActiveFault,
  ApproverOutcome,
  ApproverRule,
  CompanySeed,
  DeliveryView,
  EmitOptions,
  EmitResult,
  FaultRule,
  RawOptions,
  RequestLogEntry,
  SimulatorState,
  StagedRecord,
  VendorState,
  Violation,
  WebhookOptions,
} from './types';

export interface Who {
  userId?: number;
  companyId?: number;
}

/** The control door refused; `status` and the reason of the simulator. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Drives a simulator that runs in another process. Same names as the methods of `ProcoreSimulator`. */
export class SimulatorControl {
  private readonly base: string;

  constructor(apiUrl: string) {
    this.base = apiUrl.replace(/\/$/, '') + '/_sim';
  }

  health = (): Promise<{ ok: boolean }> => this.call('GET', '/health');
  state = (): Promise<SimulatorState> => this.call('GET', '/state');
  reset = (): Promise<unknown> => this.call('POST', '/reset');
  clock = (): Promise<{ now: number }> => this.call('GET', '/clock');
  advanceClock = (ms: number): Promise<{ now: number }> => this.call('POST', '/clock/advance', { ms });

  requestLog(filter: LogFilter = {}): Promise<RequestLogEntry[]> {
    const query = new URLSearchParams(
      Object.entries(filter).map(([k, v]) => [k, String(v)] as [string, string]),
    );
    return this.call('GET', `/requests?${query.toString()}`);
  }
  clearLog = (): Promise<unknown> => this.call('DELETE', '/requests');
  violations = (): Promise<(Violation & { seq: number; operationId: string | null })[]> =>
    this.call('GET', '/violations');

  addCompany = (seed: CompanySeed): Promise<unknown> => this.call('POST', '/companies', seed);
  setConnected = (companyId: number, connected: boolean): Promise<unknown> =>
    this.call('PUT', `/companies/${companyId}/connected`, { connected });
  seedVendors = (vendors: JsonObject[], companyId?: number): Promise<VendorState[]> =>
    this.call('POST', '/vendors', { vendors, companyId });
  vendor = (id: number, companyId?: number): Promise<VendorState> =>
    this.call('GET', `/vendors/${id}${companyId === undefined ? '' : `?companyId=${companyId}`}`);
  seedCollection = (path: string, records: JsonObject[], companyId?: number): Promise<JsonObject[]> =>
    this.call('POST', '/collections', { path, records, companyId });
  issueUserToken = (userId: number): Promise<TokenAnswer> => this.call('POST', '/user-token', { userId });

  sendVendorToErp = (vendorId: number, who: Who = {}): Promise<VendorState> =>
    this.call('POST', `/vendors/${vendorId}/send`, who);
  retrieveVendor = (vendorId: number, companyId?: number): Promise<VendorState> =>
    this.call('POST', `/vendors/${vendorId}/retrieve`, { companyId });
  exportVendor = (
    vendorId: number,
    form: Who & { code?: string; customFields?: JsonObject } = {},
  ): Promise<EmitResult> => this.call('POST', `/vendors/${vendorId}/export`, form);
  refreshVendors = (options: Who & { force?: boolean } = {}): Promise<EmitResult> =>
    this.call('POST', '/vendors/refresh', options);
  importVendor = (stagedRecordId: number, who: Who = {}): Promise<EmitResult & { vendorId: number }> =>
    this.call('POST', `/staged/${stagedRecordId}/import`, who);
  linkVendor = (stagedRecordId: number, vendorId: number, who: Who = {}): Promise<EmitResult> =>
    this.call('POST', `/staged/${stagedRecordId}/link`, { vendorId, ...who });
  linkAllVendors = (who: Who = {}): Promise<EmitResult & { vendorIds: number[] }> =>
    this.call('POST', '/vendors/link-all', who);
  mergeVendors = (masterId: number, sourceIds: number[], who: Who = {}): Promise<EmitResult> =>
    this.call('POST', `/vendors/${masterId}/merge`, { sourceIds, ...who });
  unlinkVendor = (vendorId: number, who: Who = {}): Promise<EmitResult> =>
    this.call('POST', `/vendors/${vendorId}/unlink`, who);
  editVendor = (vendorId: number, patch: JsonObject, who: Who = {}): Promise<VendorState> =>
    this.call('POST', `/vendors/${vendorId}/edit`, { patch, ...who });
  archiveStaged = (stagedRecordId: number, companyId?: number): Promise<StagedRecord> =>
    this.call('POST', `/staged/${stagedRecordId}/archive`, { companyId });

  emitEvent = (requestName: string, options: EmitOptions = {}): Promise<EmitResult> =>
    this.call('POST', '/events', { requestName, ...options });
  emitRaw = (body: unknown, options: RawOptions = {}): Promise<EmitResult> =>
    this.call('POST', '/events/raw', { body, options });
  setApproverRules = (rules: ApproverRule[]): Promise<unknown> =>
    this.call('PUT', '/approver/rules', { rules });
  runApprover = (companyId?: number): Promise<ApproverOutcome[]> =>
    this.call('POST', '/approver/run', { companyId });

  /** Any action of the people, by the name and with the arguments of the method. */
  act<Action extends PeopleAction>(
    action: Action,
    ...args: Parameters<People[Action]>
  ): Promise<ReturnType<People[Action]>> {
    return this.call('POST', `/people/${action}`, { args });
  }

  addFault = (rule: FaultRule): Promise<ActiveFault> => this.call('POST', '/faults', rule);
  faults = (): Promise<ActiveFault[]> => this.call('GET', '/faults');
  clearFaults = (): Promise<unknown> => this.call('DELETE', '/faults');
  setUnavailable = (retryAfterSeconds: number | null): Promise<unknown> =>
    this.call('PUT', '/unavailable', { retryAfterSeconds });
  revokeAllTokens = (): Promise<unknown> => this.call('POST', '/tokens/revoke-all');

  webhookOptions = (): Promise<WebhookOptions> => this.call('GET', '/webhooks/options');
  setWebhookOptions = (patch: Partial<WebhookOptions>): Promise<WebhookOptions> =>
    this.call('PUT', '/webhooks/options', patch);
  deliveries = (): Promise<DeliveryView[]> => this.call('GET', '/webhooks/deliveries');
  deliverNow = (): Promise<{ attempts: number }> => this.call('POST', '/webhooks/deliver');

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.base + path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) {
      const reason = (answer as { error?: unknown }).error;
      throw new ControlError(response.status, typeof reason === 'string' ? reason : response.statusText);
    }
    return answer as T;
  }
}
