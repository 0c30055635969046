/** What people are told of an operation that the ERP accepted for its import and answered later. Pure. */

/** What is wrong, and what to do. */
interface Told {
  readonly reason: string;
  readonly hint: string;
}

/** The ERP's words in a sentence; null where it gave none. */
export const rejectionReason = (words: string | null): string =>
  `The ERP accepted it, and rejected it when it imported it: ${quoted(words)}`;

const quoted = (words: string | null): string => (words === null ? 'without a reason.' : `"${words}".`);

/** How things stand with a record that was rejected. */
interface Standing {
  /** The ERP has a record with this key now. */
  readonly isThere: boolean;
  /** Procore was not told yet that it is written. */
  readonly isOpen: boolean;
}

/** `erpKey`: as the answer to the write gave it. */
export function rejectedWords(
  { words, erpKey }: { readonly words: string | null; readonly erpKey: string | null },
  { isThere, isOpen }: Standing,
): Told {
  const reason = rejectionReason(words);
  if (isOpen)
    return {
      reason: `${reason} Its request is still open, and will tell Procore so.`,
      hint: 'Put right what the ERP names, and send it again from Procore once the request is closed.',
    };
  return isThere
    ? {
        reason: `${reason} The ERP keeps the values that it had; Procore shows the others.`,
        hint: 'Put it right in Procore and send it again; that closes this, also where the ERP was put right by hand.',
      }
    : {
        reason: `${reason} It is not in the ERP; Procore shows it as linked${erpKey === null ? '' : ` to ${erpKey}`}.`,
        hint: 'Put right what the ERP names, unlink it in Procore, and send it again.',
      };
}

/** An operation that our store has no row of, because it was restored from a backup. */
export function unknownRejectedWords(
  rejected: { readonly operationKey: string; readonly words: string | null; readonly erpKey: string | null },
  isThere: boolean,
): Told {
  const { reason, hint } = rejectedWords(rejected, { isThere, isOpen: false });
  return {
    reason: `${reason} Our store does not know operation ${rejected.operationKey}: it was restored.`,
    hint,
  };
}

/** The ERP said yes and no. */
export const contradictionWords = (contradiction: string, words: string | null): Told => ({
  reason: `The ERP contradicts itself: ${contradiction}${words === null ? '.' : `, the last with "${words}".`}`,
  hint: 'Ask the people of the ERP what holds; then send the record again from Procore.',
});
