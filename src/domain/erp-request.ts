import type { Vendor } from './vendor';

/** Ids Procore uses are integers below 2^53. */
export type ProcoreId = number;

/** What an ERP request asks for, read and validated: the only form the planners see. */
export type ErpRequestIntent =
  | VendorExport
  | { readonly kind: 'sync_vendors'; readonly detailIds: readonly ProcoreId[] }
  | {
      readonly kind: 'vendors_linked';
      readonly how: 'imported' | 'linked';
      readonly vendors: readonly LinkedVendor[];
    }
  | { readonly kind: 'vendors_merged'; readonly master: VendorRef; readonly sources: readonly VendorRef[] }
  | { readonly kind: 'vendor_unlinked'; readonly vendor: VendorRef }
  /** A real event of Procore (or one we have never heard of) that this version does not act on. */
  | { readonly kind: 'unsupported'; readonly known: boolean; readonly detailIds: readonly ProcoreId[] }
  /** The body is not what the event promises. Every problem names the path and what was expected there. */
  | {
      readonly kind: 'malformed';
      readonly problems: readonly string[];
      readonly detailIds: readonly ProcoreId[];
    };

export interface VendorExport {
  readonly kind: 'create_vendor';
  readonly detailIds: readonly ProcoreId[];
  readonly procoreId: ProcoreId;
  /** The vendor as the approver sent it; `code` is the number typed in the export form, or null. */
  readonly vendor: Vendor;
  /** Facts that policy rules may ask about but that are not written to the ERP. */
  readonly facts: { readonly prequalified: boolean; readonly authorizedBidder: boolean };
}

export interface VendorRef {
  readonly procoreId: ProcoreId;
  readonly originId: string | null;
}

export interface LinkedVendor {
  readonly procoreId: ProcoreId;
  readonly originId: string;
}

/** One ERP request as it came, read just far enough to be routed and stored. */
export interface ReadErpRequest {
  readonly requestId: ProcoreId;
  /** `request_name` as sent; `(none)` when there was none. */
  readonly eventName: string;
  readonly intent: ErpRequestIntent;
  /** "Cobalt Mechanical LLC", "all vendors", ...: what the request is about, for people. */
  readonly subject: string;
}
