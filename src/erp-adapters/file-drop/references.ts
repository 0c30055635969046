import type { Kind, RefTarget } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import type { Fields } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import { keyOfLine, keyOfNumber } from './keys';
import type { FileDropSettings } from './settings';
import type { Row, State } from './state';

/** References: in files numbers, in records keys. */
export class References {
  constructor(
    private readonly settings: FileDropSettings,
    private readonly state: State,
  ) {}

  /** The key of a record with this number. */
  keyOf(kind: Kind, number: readonly string[]): string {
    const plain = keyOfNumber(this.settings.company, number);
    if (this.settings.layouts[kind]?.numbers !== 'erp') return plain;
    const [own] = number;
    const known = this.state.all(kind).find((row) => row.number === own && row.state !== 'void');
    return known?.key ?? plain;
  }

  /** Key of what a cell refers to. `header`: of the record, for lines of what it belongs to (the cost codes of its job). */
  keyOfCell(kind: Kind, target: RefTarget, cell: string, header: Fields): string {
    if (isKind(target)) return this.keyOf(target, [cell]);
    const owners = this.ownersOf(kind, target, header);
    const keys = owners.map((owner) => keyOfLine(owner, target, cell));
    return (
      keys.find((key) => this.state.lines.get(target)?.has(key)) ??
      keys[0] ??
      keyOfNumber(this.settings.company, [cell])
    );
  }

  /** Number of what a key refers to, as files carry it; null: not there. `waits`: there, and its number is not known yet. */
  numberOf(target: RefTarget, key: string): { readonly number: string; readonly waits: boolean } | null {
    if (!isKind(target)) {
      const found = this.state.lines.get(target)?.get(key);
      return found === undefined || found.row.state === 'void'
        ? null
        : { number: found.line.number, waits: false };
    }
    const row = this.state.row(target, key);
    if (row === undefined || row.state === 'void') return null;
    const number = this.ownNumber(row);
    return { number, waits: number === '' };
  }

  /** The number that people know a record by; '' while the ERP has not told it. */
  ownNumber({ kind, number, record }: Row): string {
    const [field = 'code'] = this.settings.layouts[kind]?.number ?? [];
    return number ?? textIn(record, field);
  }

  private ownersOf(kind: Kind, target: RefTarget, header: Fields): readonly string[] {
    return Object.entries(definitionOf(kind).fields).flatMap(([field, { refersTo }]) => {
      const owner = header[field];
      const isOwner =
        refersTo !== undefined && isKind(refersTo) && Object.hasOwn(definitionOf(refersTo).lines, target);
      return isOwner && typeof owner === 'string' ? [owner] : [];
    });
  }
}
