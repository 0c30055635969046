import type * as z from 'zod';
import type { LinkedVendor, VendorRef } from '../../domain/erp-request';
import {
  describe,
  flagSchema,
  idSchema,
  listSchema,
  objectSchema,
  problemsOf,
  requiredTextSchema,
  textSchema,
} from '../read-problems';
import { isObject, toId } from '../json';
import { vendorFromProcore } from '../resources/vendor-mapping';
import type { EventName } from './events';
import type { EventBody, EventReader, Reading } from './read-request';

const refSchema = objectSchema({ id: idSchema, origin_id: textSchema }).transform(
  ({ id, origin_id }): VendorRef => ({ procoreId: id, originId: origin_id }),
);

const linkSchema = objectSchema({ id: idSchema, origin_id: requiredTextSchema }).transform(
  ({ id, origin_id }): LinkedVendor => ({ procoreId: id, originId: origin_id }),
);

const exportSchema = objectSchema({
  vendor: objectSchema({
    id: idSchema,
    prequalified: flagSchema(false),
    authorized_bidder: flagSchema(false),
  }),
});
const oneRefSchema = objectSchema({ vendor: refSchema });
const oneLinkSchema = objectSchema({ vendor: linkSchema });
const manyLinksSchema = objectSchema({ vendors: listSchema(linkSchema) });
const mergeSchema = objectSchema({ master_vendor: refSchema, source_vendors: listSchema(refSchema) });

/** The events about vendors that this version acts on. */
export const VENDOR_READERS: Readonly<Partial<Record<EventName, EventReader>>> = {
  create_vendor: readExport,
  sync_vendors: (body) => {
    const problems = detailIdProblems(body);
    if (!isObject(body.data))
      problems.push(`${body.at || 'body'}: expected an object, got ${describe(body.data)}`);
    return problems.length > 0
      ? malformed(body, problems, 'all vendors')
      : {
          subject: 'all vendors',
          intent: { kind: 'sync', entity: 'vendor', detailIds: body.detailIds, listId: null },
        };
  },
  create_vendor_in_procore: readWith(oneLinkSchema, ({ vendor }) => linked('imported', [vendor])),
  link_vendor: readWith(oneLinkSchema, ({ vendor }) => linked('linked', [vendor])),
  link_all_vendors: readWith(manyLinksSchema, ({ vendors }) => linked('linked', vendors)),
  merge_vendors: readWith(mergeSchema, ({ master_vendor: master, source_vendors: sources }) => ({
    subject: `${counted(sources.length)} merged into ${labelOf(master)}`,
    intent: { kind: 'vendors_merged', master, sources },
  })),
  unlink_vendor: readWith(oneRefSchema, ({ vendor }) => ({
    subject: labelOf(vendor),
    intent: { kind: 'vendor_unlinked', vendor },
  })),
};

function readExport(body: EventBody): Reading {
  const raw = isObject(body.data) ? body.data['vendor'] : undefined;
  const subject = nameIn(raw) ?? 'a vendor';
  const facts = exportSchema.safeParse(body.data);
  const reading = isObject(raw) ? vendorFromProcore(raw, inside(body.at, 'vendor')) : null;
  const problems = [
    ...(facts.success ? [] : problemsOf(facts.error, body.data, body.at)),
    ...(reading?.problems ?? []),
    ...detailIdProblems(body),
  ];
  if (!facts.success || reading?.vendor === undefined || reading.vendor === null || problems.length > 0) {
    return malformed(body, problems, subject);
  }
  const { id, prequalified, authorized_bidder: authorizedBidder } = facts.data.vendor;
  return {
    subject,
    intent: {
      kind: 'create_vendor',
      detailIds: body.detailIds,
      procoreId: id,
      vendor: reading.vendor,
      facts: { prequalified, authorizedBidder },
    },
  };
}

function readWith<S extends z.ZodType>(schema: S, make: (data: z.output<S>) => Reading): EventReader {
  return (body) => {
    const result = schema.safeParse(body.data);
    return result.success
      ? make(result.data)
      : malformed(body, problemsOf(result.error, body.data, body.at), 'vendors');
  };
}

const malformed = ({ detailIds }: EventBody, problems: readonly string[], subject: string): Reading => ({
  subject,
  intent: { kind: 'malformed', problems, detailIds },
});

/** A detail id that is missing is looked up by its item; one that is there must be an id. */
function detailIdProblems({ data, at }: EventBody): string[] {
  if (!isObject(data)) return [];
  return ['request_detail_id', 'erp_request_detail_id']
    .filter((key) => data[key] !== undefined && data[key] !== null && toId(data[key]) === null)
    .map((key) => `${inside(at, key)}: expected an id, got ${describe(data[key])}`);
}

function linked(how: 'imported' | 'linked', vendors: readonly LinkedVendor[]): Reading {
  const [only, ...others] = vendors;
  const subject = only !== undefined && others.length === 0 ? labelOf(only) : counted(vendors.length);
  return { subject, intent: { kind: 'vendors_linked', how, vendors } };
}

const inside = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);
const counted = (count: number): string => `${count} ${count === 1 ? 'vendor' : 'vendors'}`;
const labelOf = ({ procoreId, originId }: VendorRef): string =>
  originId === null ? `vendor ${procoreId}` : `vendor ${procoreId} (${originId})`;

function nameIn(raw: unknown): string | null {
  const name = isObject(raw) && typeof raw['name'] === 'string' ? raw['name'].normalize('NFC').trim() : '';
  return name === '' ? null : name.slice(0, 200);
}
