export type { Rejection } from './rejections';
export { matchRevision } from './rejections';
export type { Candidates, MatchInput, Suggestion } from './suggest';
export { candidatesOf, MATCHED_KINDS, suggest, suggestBetween } from './suggest';
export type { TaxIdHash, TaxIdHashes, TaxIdSources } from './tax-ids';
export { taxIdHash, taxIdHashesOf } from './tax-ids';
