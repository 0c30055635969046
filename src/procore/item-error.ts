/** One record of a 200 answer that Procore did not take. `key` is what we sent: origin_id, id or detail id as text. */
export interface ItemError {
  readonly key: string;
  /** `field: message` sentences, in Procore's words. */
  readonly messages: readonly string[];
}
