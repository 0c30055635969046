import type { Fields, KnownRecord, RecordLine } from '../../kinds/record';
import type { RecordLink } from '../../kinds/record-link';
import type { Rebased } from './fingerprint';

/**
 * A link under another mapping than the one under which its shadows were taken: what the ERP held then is no shadow in these fields, and both sides are
 * compared as if for the first time; unless the ERP shows it as before, where nothing is another than it was.
 */
export function rebased(link: RecordLink, fields: Rebased, now: KnownRecord | undefined): RecordLink {
  const { erp } = link;
  if (erp === null || fields.length === 0) return link;
  const isRebased = (field: string): boolean => fields === 'all' || fields.includes(field);
  const lines = new Map(now?.record.lines.filter(isCode).map((line) => [line.erpKey, line]));
  const rebasedLine = (line: RecordLine): RecordLine => ({
    ...line,
    fields: shadowOf(line.fields, lines.get(line.erpKey)?.fields, (field) => field === 'code'),
  });
  return {
    ...link,
    erp: {
      fields: shadowOf(erp.fields, now?.record.fields, isRebased),
      lines: isRebased('cost_code')
        ? erp.lines.map((line) => (isCode(line) ? rebasedLine(line) : line))
        : erp.lines,
    },
  };
}

const isCode = ({ kind }: RecordLine): boolean => kind === 'cost_code';

const shadowOf = (then: Fields, now: Fields | undefined, isRebased: (field: string) => boolean): Fields =>
  Object.fromEntries(
    Object.entries(then).filter(
      ([field, value]) => !isRebased(field) || (now !== undefined && now[field] === value),
    ),
  );
