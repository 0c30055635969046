import type { LinkedVendor, VendorRef } from '../../../domain/request/intent';
import { isObject } from '../../json';
import {
  flagSchema,
  idSchema,
  listSchema,
  objectSchema,
  problemsOf,
  requiredTextSchema,
  textSchema,
} from '../../read-problems';
import { vendorFromProcore } from '../../resources/vendor-mapping';
import type { EventName } from '../events';
import type { EventBody, EventReader, Reading } from '../reader';
import { detailIdProblems, inside, malformed, readWith } from '../reader';
import { syncReader } from './syncs';

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

/** The events about vendors. */
export const VENDOR_READERS = {
  create_vendor: readExport,
  sync_vendors: syncReader('vendor'),
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
} as const satisfies Partial<Record<EventName, EventReader>>;

function readExport(body: EventBody): Reading {
  const raw = isObject(body.data) ? body.data['vendor'] : undefined;
  const facts = exportSchema.safeParse(body.data);
  const reading = isObject(raw) ? vendorFromProcore(raw, inside(body.at, 'vendor')) : null;
  const problems = [
    ...(facts.success ? [] : problemsOf(facts.error, body.data, body.at)),
    ...(reading?.problems ?? []),
    ...detailIdProblems(body),
  ];
  if (!facts.success || reading?.vendor === undefined || reading.vendor === null || problems.length > 0) {
    return malformed(body, problems);
  }
  const { id, prequalified, authorized_bidder: authorizedBidder } = facts.data.vendor;
  return {
    subject: body.subject,
    intent: {
      kind: 'create_vendor',
      detailIds: body.detailIds,
      procoreId: id,
      vendor: reading.vendor,
      facts: { prequalified, authorizedBidder },
    },
  };
}

function linked(how: 'imported' | 'linked', vendors: readonly LinkedVendor[]): Reading {
  const [only, ...others] = vendors;
  const subject = only !== undefined && others.length === 0 ? labelOf(only) : counted(vendors.length);
  return { subject, intent: { kind: 'vendors_linked', how, vendors } };
}

const counted = (count: number): string => `${count} ${count === 1 ? 'vendor' : 'vendors'}`;
const labelOf = ({ procoreId, originId }: VendorRef): string =>
  originId === null ? `vendor ${procoreId}` : `vendor ${procoreId} (${originId})`;
