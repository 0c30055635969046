export type { Rejection } from './rejections';
export { matchRevision } from './rejections';
export type { MatchInput, Suggestion } from './suggest';
export { MATCHED_KINDS, suggest } from './suggest';
export type { TaxIdHash, TaxIdHashes, TaxIdSources } from './tax-ids';
export { taxIdHash, taxIdHashesOf } from './tax-ids';
