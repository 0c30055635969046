import { TiebackError } from '../../domain/base/errors';

/**
 * Path templates of operations whose path Procore does not publish, or publishes in more than one form. `{company_id}` and
 * `{id}` are filled in. Keys are the operation names of the ERP guides.
 */
export interface ProcorePaths {
  /** Path inferred from its sibling `erp_request_details`. */
  readonly 'request.show': string;
  /** Not documented at all: a probe. */
  readonly 'request.list': string;
  /** Documented (ERP technical guide 2022). */
  readonly 'requestDetail.update': string;
  /** Documented (ERP technical guide 2022). */
  readonly 'requestDetail.sync': string;
  /** Seen in public code. */
  readonly 'requestDetail.list': string;
  /** The tail `/staged_records/sync` is documented, the prefix is inferred. */
  readonly 'stagedRecords.sync': string;
  /** Documented (External Data guide). */
  readonly 'externalData.sync': string;
  /** Operation documented, path seen in public code. */
  readonly 'externalData.list': string;
  /** Operation documented ("Status Management"), path inferred. */
  readonly 'status.unlink': string;
  /** Documented (ERP technical guide 2022). */
  readonly 'connection.create': string;
  /** Operation documented ("update ERP metadata configuration"); verb, path and wrapper key are inferred. */
  readonly 'metadata.update': string;
  /** Documented (ERP technical guide 2022). */
  readonly 'invoicePayments.sync': string;
  /** Operation documented (`reset_payment`), path unknown: a guess, with external data as the fallback. */
  readonly 'invoicePayments.unlink': string;
  /** Documented; the 2021 text spells it `cost_codes_line_item_types`. */
  readonly 'costCodeLineItemTypes.sync': string;
  /** Operation documented, path as that of the sync. */
  readonly 'costCodeLineItemTypes.delete': string;
  /** Documented (ERP technical guide 2022). */
  readonly 'jobCosts.sync': string;
  /** Documented (events dictionary 2021). */
  readonly 'jobCosts.delete': string;
  /** Documented (ERP technical guide 2022). */
  readonly 'transactions.sync': string;
  /** Documented in 2021, not in the public OpenAPI. */
  readonly 'costCodes.delete': string;
}

/** How many records one bulk call carries. Procore's own ceiling is 1000; a 413 halves a batch by itself. */
export interface BatchSizes {
  /** Records; public code for the ERP tool sends 100. */
  readonly externalData: number;
  /** Records. */
  readonly stagedRecords: number;
  /** Request details. */
  readonly requestDetails: number;
  /** Records of every other sync action; "Using Sync Actions" allows 1000, the Ruby SDK sends 500. */
  readonly records: number;
}

/** How the shared limiter behaves between the numbers that Procore sends with every answer ("Rate Limiting" guide). */
export interface LimiterSettings {
  /** Calls in flight at the same time, for the whole app. */
  readonly maxConcurrent: number;
  /** Part of every window, 0 to 1, kept for urgent calls (closing details, managing webhooks); at least one call. */
  readonly urgentShare: number;
  /** Milliseconds. A longer wait is not sat out here but thrown as `PROCORE_THROTTLED`. */
  readonly maxInlineWaitMs: number;
  /** Milliseconds; up to this much is added to every wait, at random. */
  readonly jitterMs: number;
  /** Milliseconds; the first back-off after a 429 or 503 that does not say when to come back; doubles each time. */
  readonly backoffMs: number;
  /** Milliseconds; the longest such back-off. */
  readonly maxBackoffMs: number;
}

/** Short-term retries of network errors and 5xx, for reads and for writes that may be repeated. */
export interface RetrySettings {
  /** Tries after the first one. */
  readonly retries: number;
  /** Milliseconds before the first retry; doubles each time, with jitter. */
  readonly baseDelayMs: number;
}

/** Everything the client must know about one Procore app. Build it with {@link procoreSettings}. */
export interface ProcoreSettings {
  /** Origin of the API, e.g. `https://api.procore.com` ("Development Environments"); never derived from the login URL. */
  readonly apiUrl: string;
  /** Origin of the login host, e.g. `https://login.procore.com`. */
  readonly loginUrl: string;
  /** Client id of the app (developer portal). */
  readonly clientId: string;
  /** Client secret of the app. Never logged. */
  readonly clientSecret: string;
  /** Overrides for paths that are inferred. */
  readonly paths: ProcorePaths;
  /** 2022 guide: PATCH; 2021 dictionary: PUT. */
  readonly detailCloseMethod: 'PATCH' | 'PUT';
  /** Events dictionary: external data is cleared; technical guide: "Status Management / unlink an ERP synced entity". */
  readonly unlinkBy: 'external_data' | 'status_management';
  /** Milliseconds for one call, connection included. */
  readonly requestTimeoutMs: number;
  /** Bytes; a larger answer is refused as `PROCORE_ANSWER_INVALID`. */
  readonly maxAnswerBytes: number;
  /** Rows per page; "Pagination" recommends at most 2000, many endpoints allow less. */
  readonly pageSize: number;
  /** The same for reconciling, which reads whole lists of short rows. A page that Procore or `maxAnswerBytes` refuses is asked for by halves. */
  readonly scanPageSize: number;
  /** `view` of vendor reads; `erp` adds the ERP fields (OpenAPI). */
  readonly vendorView: 'normal' | 'erp' | 'extended';
  /**
   * Names of the fields of an invoice payment beside its keys. The guides name four fields only, so nothing else is sent until Procore's
   * partner documentation says what the others are called.
   */
  readonly invoicePaymentFields: Readonly<Partial<Record<'amount' | 'date' | 'method', string>>>;
  readonly batchSizes: BatchSizes;
  readonly limiter: LimiterSettings;
  readonly retry: RetrySettings;
  /** `environment`: HTTP(S)_PROXY and NO_PROXY apply, except to a loopback address. */
  readonly proxy: 'environment' | 'none';
}

const COMPANY = '/rest/v1.0/companies/{company_id}';

/** Defaults for everything that has one. */
export const PROCORE_DEFAULTS = {
  paths: {
    'request.show': `${COMPANY}/erp_requests/{id}`,
    'request.list': `${COMPANY}/erp_requests`,
    'requestDetail.update': `${COMPANY}/erp_request_details/{id}`,
    'requestDetail.sync': `${COMPANY}/erp_request_details/sync`,
    'requestDetail.list': `${COMPANY}/erp_request_details`,
    'stagedRecords.sync': `${COMPANY}/staged_records/sync`,
    'externalData.sync': `${COMPANY}/external_data/sync`,
    'externalData.list': `${COMPANY}/external_data`,
    'connection.create': `${COMPANY}/erp_connections`,
    'metadata.update': `${COMPANY}/erp_connections`,
    'invoicePayments.sync': `${COMPANY}/invoice_payments/sync`,
    'invoicePayments.unlink': `${COMPANY}/invoice_payments/{id}/unlink`,
    'costCodeLineItemTypes.sync': '/rest/v1.0/cost_code_line_item_types/sync',
    'costCodeLineItemTypes.delete': '/rest/v1.0/cost_code_line_item_types/{id}',
    'jobCosts.sync': '/rest/v1.0/erp_job_costs/sync',
    'jobCosts.delete': '/rest/v1.0/erp_job_costs/{id}',
    'transactions.sync': '/rest/v1.0/erp_transactions/sync',
    'costCodes.delete': '/rest/v1.0/cost_codes/{id}',
    'status.unlink': `${COMPANY}/erp_status_management/unlink`,
  },
  detailCloseMethod: 'PATCH',
  unlinkBy: 'external_data',
  requestTimeoutMs: 30_000,
  maxAnswerBytes: 32 * 1024 * 1024,
  pageSize: 500,
  scanPageSize: 2000,
  vendorView: 'erp',
  invoicePaymentFields: {},
  batchSizes: { externalData: 100, stagedRecords: 1000, requestDetails: 100, records: 1000 },
  limiter: {
    maxConcurrent: 6,
    urgentShare: 0.05,
    maxInlineWaitMs: 15_000,
    jitterMs: 500,
    backoffMs: 10_000,
    maxBackoffMs: 160_000,
  },
  retry: { retries: 3, baseDelayMs: 250 },
  proxy: 'environment',
} as const satisfies Omit<ProcoreSettings, 'apiUrl' | 'loginUrl' | 'clientId' | 'clientSecret'>;

type Credentials = Pick<ProcoreSettings, 'apiUrl' | 'loginUrl' | 'clientId' | 'clientSecret'>;
type Tuning = Omit<ProcoreSettings, keyof Credentials | 'paths' | 'batchSizes' | 'limiter' | 'retry'>;

/** What must be given, and what may be. */
export type ProcoreSettingsInput = Credentials &
  Partial<Tuning> & {
    readonly paths?: Partial<ProcorePaths>;
    readonly batchSizes?: Partial<BatchSizes>;
    readonly limiter?: Partial<LimiterSettings>;
    readonly retry?: Partial<RetrySettings>;
  };

/** Settings with the defaults filled in. Throws `PROCORE_REQUEST_INVALID` when an URL cannot be used. */
export function procoreSettings(input: ProcoreSettingsInput): ProcoreSettings {
  return Object.freeze({
    ...PROCORE_DEFAULTS,
    ...input,
    apiUrl: origin('apiUrl', input.apiUrl),
    loginUrl: origin('loginUrl', input.loginUrl),
    paths: { ...PROCORE_DEFAULTS.paths, ...input.paths },
    batchSizes: { ...PROCORE_DEFAULTS.batchSizes, ...input.batchSizes },
    limiter: { ...PROCORE_DEFAULTS.limiter, ...input.limiter },
    retry: { ...PROCORE_DEFAULTS.retry, ...input.retry },
  });
}

function origin(key: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) {
    return url.href.replace(/\/+$/, '');
  }
  throw new TiebackError('PROCORE_REQUEST_INVALID', {
    operation: 'any call',
    reason: `${key} must be an http(s) URL`,
  });
}
