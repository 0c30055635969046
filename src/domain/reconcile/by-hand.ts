import { recordIdOf } from '../base/identity';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { ProcoreId } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import { IN_FORCE } from '../kinds/record-link';

/** What a person may make of links, beside what Procore tells. */
export type HandMove =
  /** The two are one record. */
  | { readonly how: 'link'; readonly erpKey: string; readonly procoreId: ProcoreId }
  /** They are two after all. The ERP record stays, and so does Procore's. */
  | { readonly how: 'unlink'; readonly erpKey: string }
  /** The ERP record belongs to another record of Procore than the one it is linked to. */
  | { readonly how: 'relink'; readonly erpKey: string; readonly procoreId: ProcoreId }
  /** The ERP record has another key now. */
  | { readonly how: 'rename'; readonly erpKey: string; readonly to: string }
  /** Of two records of Procore only the second is left: the link of the first moves there, or ends where that one has its own. */
  | { readonly how: 'merge'; readonly procoreId: ProcoreId; readonly into: ProcoreId };

/** Links as they stand after it, or why it cannot be, with the link that is in the way. */
export type HandVerdict =
  { readonly moved: readonly RecordLink[] } | { readonly problem: string; readonly hint: string };

/**
 * What a move by hand makes of the links. `links`: of everything that it names, by either key, in any state. Shadows of a new pair are empty: nobody has
 * compared them yet. Pure.
 */
export function moveByHand(kind: Kind, move: HandMove, links: readonly RecordLink[]): HandVerdict {
  const ofKind = links.filter((link) => link.kind === kind);
  switch (move.how) {
    case 'link':
      return linked(kind, move, ofKind);
    case 'unlink':
      return unlinked(kind, move, ofKind);
    case 'relink':
      return relinked(kind, move, ofKind);
    case 'rename':
      return renamed(kind, move, ofKind);
    case 'merge':
      return merged(kind, move, ofKind);
  }
}

const isInForce = ({ state }: RecordLink): boolean => (IN_FORCE as readonly string[]).includes(state);
const ofErpKey = (links: readonly RecordLink[], erpKey: string): RecordLink | undefined => {
  const own = links.filter((link) => link.erpKey === erpKey);
  return own.find(isInForce) ?? own[0];
};
const ofProcoreId = (links: readonly RecordLink[], procoreId: ProcoreId): RecordLink | undefined =>
  links.find((link) => link.procoreId === procoreId && link.state === 'linked');

function linked(
  kind: Kind,
  { erpKey, procoreId }: Extract<HandMove, { how: 'link' }>,
  links: readonly RecordLink[],
): HandVerdict {
  const [known, other] = [ofErpKey(links, erpKey), ofProcoreId(links, procoreId)];
  if (known?.state === 'linked')
    return known.procoreId === procoreId
      ? refused(`${linkWords(known)} are linked already.`, 'There is nothing to do.')
      : refused(
          `${erpWords(kind, erpKey)} is linked to ${procoreWords(kind, known.procoreId)}.`,
          `Unlink it first, or move its link: \`tieback links relink ${kind} "${erpKey}" ${procoreId}\`.`,
        );
  if (other !== undefined)
    return refused(
      `${procoreWords(kind, procoreId)} is linked to ${erpWords(kind, other.erpKey)}.`,
      `Unlink that one first: \`tieback links unlink ${kind} "${other.erpKey}"\`.`,
    );
  return { moved: [pairOf(kind, erpKey, procoreId, known)] };
}

function unlinked(
  kind: Kind,
  { erpKey }: Extract<HandMove, { how: 'unlink' }>,
  links: readonly RecordLink[],
): HandVerdict {
  const known = ofErpKey(links, erpKey);
  if (known?.state !== 'linked') return notLinked(kind, erpKey, known);
  return { moved: [{ ...known, state: 'unlinked', generation: known.generation + 1 }] };
}

function relinked(
  kind: Kind,
  { erpKey, procoreId }: Extract<HandMove, { how: 'relink' }>,
  links: readonly RecordLink[],
): HandVerdict {
  const [known, other] = [ofErpKey(links, erpKey), ofProcoreId(links, procoreId)];
  if (known?.state !== 'linked') return notLinked(kind, erpKey, known);
  if (other?.erpKey === erpKey)
    return refused(`${linkWords(known)} are linked already.`, 'There is nothing to do.');
  if (other !== undefined)
    return refused(
      `${procoreWords(kind, procoreId)} is linked to ${erpWords(kind, other.erpKey)}.`,
      `Unlink that one first: \`tieback links unlink ${kind} "${other.erpKey}"\`.`,
    );
  return { moved: [pairOf(kind, erpKey, procoreId, known)] };
}

/** The link keeps its identity, so its history goes on. */
function renamed(
  kind: Kind,
  { erpKey, to }: Extract<HandMove, { how: 'rename' }>,
  links: readonly RecordLink[],
): HandVerdict {
  const [known, other] = [ofErpKey(links, erpKey), ofErpKey(links, to)];
  if (known?.state !== 'linked' || known.procoreId === null) return notLinked(kind, erpKey, known);
  if (other?.state === 'linked')
    return refused(
      `${erpWords(kind, to)} is linked to ${procoreWords(kind, other.procoreId)}.`,
      `Unlink it first: \`tieback links unlink ${kind} "${to}"\`.`,
    );
  if (other !== undefined && isInForce(other))
    return refused(
      `${erpWords(kind, to)} stands in Procore's ERP tool, ready to import.`,
      `Dismiss it there, then link it: \`tieback links unlink ${kind} "${erpKey}"\`, \`tieback links link ${kind} "${to}" ${known.procoreId}\`.`,
    );
  return { moved: [pairOf(kind, to, known.procoreId, known)] };
}

function merged(
  kind: Kind,
  { procoreId, into }: Extract<HandMove, { how: 'merge' }>,
  links: readonly RecordLink[],
): HandVerdict {
  const [known, master] = [ofProcoreId(links, procoreId), ofProcoreId(links, into)];
  if (procoreId === into)
    return refused(
      `${procoreWords(kind, into)} is one record.`,
      'Name the record that is gone, then the one that stays.',
    );
  if (known === undefined)
    return refused(
      `${procoreWords(kind, procoreId)} is linked to nothing in the ERP.`,
      'There is no link to move; name the record that is gone first, then the one that stays.',
    );
  if (master === undefined) return { moved: [pairOf(kind, known.erpKey, into, known)] };
  return { moved: [{ ...known, state: 'merged', generation: known.generation + 1 }] };
}

function pairOf(kind: Kind, erpKey: string, procoreId: ProcoreId, known: RecordLink | undefined): RecordLink {
  return {
    ...(known?.id === undefined ? {} : { id: known.id }),
    kind,
    erpKey,
    procoreId,
    state: 'linked',
    generation: (known?.generation ?? 0) + 1,
    procore: null,
    erp: null,
    erpRevision: null,
    ...(known?.projectId === undefined ? {} : { projectId: known.projectId }),
  };
}

function notLinked(kind: Kind, erpKey: string, known: RecordLink | undefined): HandVerdict {
  const state = known === undefined ? 'has no link' : `is not linked (${known.state})`;
  return refused(`${erpWords(kind, erpKey)} ${state}.`, `\`tieback links ${kind}\` lists what is linked.`);
}

const refused = (problem: string, hint: string): HandVerdict => ({ problem, hint });

/** `Vendor 1|10442 of the ERP`, `vendor/98127745 in Procore`. */
const erpWords = (kind: Kind, erpKey: string): string => `${definitionOf(kind).label} ${erpKey} of the ERP`;
const procoreWords = (kind: Kind, procoreId: ProcoreId | null): string =>
  `${recordIdOf(kind, procoreId ?? 'unknown')} in Procore`;
const linkWords = ({ kind, erpKey, procoreId }: RecordLink): string =>
  `${erpWords(kind, erpKey)} and ${procoreWords(kind, procoreId)}`;
