import { canonicalText, shorten } from '../../domain/base/text';
import type { ProcoreId } from '../../domain/request/intent';
import type { ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject } from '../client/json';
import type { ReadDraft } from './toolbox/custom-fields';
import { draft, draftsOf, lastPart } from './toolbox/draft';
import { counted, exported, notice, noticed, readWith, syncReader } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import type { List, Row } from './toolbox/lists';
import {
  changedSince,
  findIn,
  isChangedSince,
  listAt,
  ofCompany,
  pagesOf,
  rowsById,
  showAll,
  steadyPagesOf,
} from './toolbox/lists';
import * as s from './toolbox/schemas';
import type { SeenKind } from './toolbox/seen';
import { carried, seenField, seenFields, SeenReader } from './toolbox/seen';
import { syncWith } from './toolbox/sync-resource';

/**
 * The Procore name of each field that `vendors` and its staged records carry; the contact is only shown (`primary_contact`), and the other two exist only
 * in ERP requests.
 */
export const VENDOR_FIELDS = {
  code: 'origin_code',
  name: 'name',
  sortName: 'abbreviated_name',
  address: 'address',
  city: 'city',
  stateCode: 'state_code',
  postalCode: 'zip',
  countryCode: 'country_code',
  phone: 'business_phone',
  fax: 'fax_number',
  email: 'email_address',
  website: 'website',
  isActive: 'is_active',
} as const;

/** Kept as written: "10.00" stays "10.00". */
const percent = s.reading('a percentage from 0 to 100', (value) => {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : 'x';
  if (text === '') return null;
  return /^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) <= 100 ? text : undefined;
});

/** First and last name of a person of the directory; null: nobody is the contact. `nameless`: what somebody without a name is. */
const personName = (nameless: null | undefined) =>
  s.reading('a person', (value) => {
    if (value === undefined || value === null) return null;
    if (!isObject(value)) return undefined;
    const names = [value['first_name'], value['last_name']].filter((name) => typeof name === 'string');
    return names.length === 0 ? nameless : canonicalText(names.map((name) => name.trim()).join(' '));
  });

/** The number of the business register (EIN, ABN), where the view shows it; null: none. */
function taxIdIn({ raw: { business_register: register } }: Row): string | null {
  const identifier = isObject(register) ? register['identifier'] : null;
  return typeof identifier === 'string' || typeof identifier === 'number' ? String(identifier) : null;
}

/** What the approver typed in the export form arrives in `erp_custom_fields`. */
const vendorSchema = s.object({
  vendor: s.holder('vendor', {
    id: s.id,
    origin_id: s.originId,
    name: s.requiredText,
    ...s.each(
      s.text,
      'origin_code',
      'abbreviated_name',
      'address',
      'city',
      'state_code',
      'zip',
      'country_code',
      'business_phone',
      'fax_number',
      'email_address',
      'website',
    ),
    is_active: s.flag(true),
    primary_contact: personName(null),
    prequalified: s.flag(false),
    authorized_bidder: s.flag(false),
    erp_custom_fields: s.exportForm({
      vendor_type_origin_id: s.text.transform(lastPart),
      retainage_percent: percent,
    }),
  }),
});

const draftOf = ({ vendor }: s.Of<typeof vendorSchema>): ReadDraft =>
  draft('vendor', {
    procoreId: vendor.id,
    originId: vendor.origin_id,
    label: `Vendor "${vendor.name}"`,
    fields: {
      ...Object.fromEntries(Object.entries(VENDOR_FIELDS).map(([field, name]) => [field, vendor[name]])),
      contactName: vendor.primary_contact,
      vendorType: vendor.erp_custom_fields?.vendor_type_origin_id ?? null,
      retainagePercent: vendor.erp_custom_fields?.retainage_percent ?? null,
    },
    flags: { prequalified: vendor.prequalified, authorizedBidder: vendor.authorized_bidder },
    holder: vendor,
  });

/** What an approver typed at an export is no field of the company: it is not compared. */
const SEEN: SeenKind = {
  kind: 'vendor',
  label: ({ name }, id) => (typeof name === 'string' ? `Vendor "${name}"` : `Vendor ${id}`),
  fields: {
    ...seenFields(VENDOR_FIELDS, vendorSchema.shape.vendor.shape),
    contactName: seenField(personName(undefined), 'primary_contact'),
  },
  flags: ({ raw: { prequalified, authorized_bidder: authorizedBidder } }) => ({
    ...(typeof prequalified === 'boolean' ? { prequalified } : {}),
    ...(typeof authorizedBidder === 'boolean' ? { authorizedBidder } : {}),
  }),
};

/** The request data of `create_vendor`, as a company of the directory makes it. */
export const vendorPayload = ({ raw }: Row): JsonObject => ({ vendor: raw });

const list = (http: ProcoreHttp): List =>
  listAt('vendors', { ...ofCompany(http), view: http.settings.vendorView });

const active = (http: ProcoreHttp, since: string | null): List => ({
  ...list(http),
  query: { ...list(http).query, ...changedSince(http, since) },
});

/** Active companies of the directory, page by page. */
export const activeVendors = (http: ProcoreHttp, since: string | null): AsyncIterable<readonly Row[]> =>
  pagesOf(http, active(http, since));

/** Procore lists inactive companies elsewhere, and by nothing but a view. */
const inactive = (http: ProcoreHttp): List => ({
  name: 'vendors.inactive',
  path: `/rest/v1.0/companies/${http.companyId}/vendors/inactive`,
  query: { view: http.settings.vendorView },
});

/** Its answer is not documented: a row that does not say so is inactive because it is there. */
const asInactive = ({ id, raw }: Row): Row => ({ id, raw: { is_active: false, ...raw } });

export async function inactiveVendors(http: ProcoreHttp): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of pagesOf(http, inactive(http))) rows.push(...page.map(asInactive));
  return rows;
}

/** Our clock and Procore's may differ by so much. */
const CLOCKS_MS = 10 * 60 * 1000;

/** Both lists, and once all of them were read what was switched on meanwhile, which neither may have shown. */
async function* scanned(http: ProcoreHttp, since: string | null): AsyncGenerator<readonly Row[]> {
  const isWhole = since === null;
  const begun = new Date(http.runtime.now() - CLOCKS_MS).toISOString();
  yield* steadyPagesOf(http, active(http, since), isWhole);
  for await (const page of steadyPagesOf(http, inactive(http), isWhole))
    yield page.map(asInactive).filter((row) => isChangedSince(row, since));
  if (isWhole) yield* steadyPagesOf(http, active(http, begun), false);
}

/** One company; null when it was deleted. */
export const showVendor = async (http: ProcoreHttp, id: ProcoreId): Promise<Row | null> =>
  (await showAll(http, list(http), [id]))[0] ?? null;

const linkSchema = s.object({ id: s.id, origin_id: s.requiredOriginId });
const refSchema = s.object({ id: s.id, origin_id: s.originId });
type Ref = s.Of<typeof refSchema>;

const labelOf = ({ id, origin_id: originId }: Ref): string =>
  originId === null ? `vendor ${id}` : `vendor ${id} (${shorten(originId, 80)})`;
const recordOf = ({ id, origin_id: originId }: Ref) => noticed('vendor', id, originId);
const labelOfAll = (vendors: readonly Ref[]): string => {
  const [only, ...others] = vendors;
  return only !== undefined && others.length === 0 ? labelOf(only) : counted(vendors.length, 'vendor');
};

export const vendor = {
  events: {
    create_vendor: readWith(vendorSchema, (data, body) => {
      const sent = draftOf(data);
      // A vendor is created active, whatever the directory says.
      const record = { ...sent, fields: { ...sent.fields, isActive: true } };
      return { ...exported(body, [record]), subject: data.vendor.name };
    }),
    sync_vendors: syncReader('vendor'),
    create_vendor_in_procore: readWith(s.object({ vendor: linkSchema }), ({ vendor: one }) =>
      notice('imported', `${labelOf(one)} imported`, [recordOf(one)]),
    ),
    link_vendor: readWith(s.object({ vendor: linkSchema }), ({ vendor: one }) =>
      notice('linked', `${labelOf(one)} linked`, [recordOf(one)]),
    ),
    link_all_vendors: readWith(s.object({ vendors: s.list(linkSchema) }), ({ vendors }) =>
      notice('linked', `${labelOfAll(vendors)} linked`, vendors.map(recordOf)),
    ),
    merge_vendors: readWith(
      s.object({ master_vendor: refSchema, source_vendors: s.list(refSchema) }),
      ({ master_vendor: master, source_vendors: sources }) =>
        notice(
          'merged',
          `${counted(sources.length, 'vendor')} merged into ${labelOf(master)}`,
          sources.map(recordOf),
          { master: recordOf(master) },
        ),
    ),
    unlink_vendor: readWith(s.object({ vendor: refSchema }), ({ vendor: one }) =>
      notice('unlinked', `${labelOf(one)} unlinked`, [recordOf(one)]),
    ),
  },
  port: (http) => {
    const drafts = (rows: readonly Row[]) => draftsOf(http, vendorSchema, rows.map(vendorPayload), draftOf);
    const reader = new SeenReader(http, SEEN);
    const write = syncWith(http, {
      operation: 'vendors.sync',
      path: '/rest/v1.0/vendors/sync',
      body: ({ companyId }) => ({ company_id: companyId }),
      key: 'id or origin_id',
      fields: VENDOR_FIELDS,
      echo: (row, place) => reader.echo(row, place),
    });
    return {
      read: async (ids) => drafts(await showAll(http, list(http), ids)),
      readChanged: async function* (since) {
        for await (const page of activeVendors(http, since)) yield drafts(page);
        for await (const page of pagesOf(http, inactive(http)))
          yield drafts(page.map(asInactive).filter((row) => isChangedSince(row, since)));
      },
      scan: async function* (since, place) {
        for await (const page of scanned(http, since)) yield reader.read(page, place);
      },
      see: async (ids, place) => reader.read(await rowsById(http, list(http), ids, inactive(http)), place),
      taxIdHashes: async (ids, hash) =>
        new Map(
          (await rowsById(http, list(http), ids, inactive(http))).flatMap((row) => {
            const taxId = taxIdIn(row);
            const hashed = taxId === null ? null : hash(taxId);
            return hashed === null ? [] : [[row.id, hashed] as const];
          }),
        ),
      carries: carried(http, SEEN, Object.keys(VENDOR_FIELDS)),
      // Known by its id, a company is not tied again: somebody may have unlinked it meanwhile.
      write: (place, items) =>
        write(
          place,
          items.map(({ originId, ...item }) =>
            (item.procoreId !== undefined && item.ties !== true) || originId === undefined
              ? item
              : { ...item, originId },
          ),
        ),
      findByOriginId: findIn(
        http,
        { name: 'vendors', itemType: 'vendor', scopes: (of) => list(of).query ?? {}, filtered: true },
        { ...inactive(http), itemType: 'vendor', scopes: (of) => inactive(of).query ?? {} },
      ),
    };
  },
} as const satisfies KindRoom;
