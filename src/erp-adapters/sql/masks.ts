import type { Row } from './session';

/** One part of a code. */
export interface MaskPart {
  readonly width: number;
  readonly justify: 'L' | 'R';
  readonly optional: boolean;
  /** What follows the part; empty after the last one. */
  readonly separator: string;
}

/**
 * The form of a code. The ERP keeps it blank padded (`23-050-  `, ` 1024-001`), people write it without (`23-050`, `1024-001`). Blanks
 * are part of the code in the ERP, so a text is only given its short form where the mask leads back to the same text.
 */
export class Mask {
  constructor(private readonly parts: readonly MaskPart[]) {}

  /** As people write it. */
  canonical(raw: string): string {
    const parts = this.cut(raw);
    if (parts === null) return raw.trim();
    let length = parts.length;
    while (length > 1 && parts[length - 1] === '') length -= 1;
    return parts
      .slice(0, length)
      .map((part, index) => (index === 0 ? part : `${this.parts[index - 1]?.separator ?? ''}${part}`))
      .join('');
  }

  /** As the ERP keeps it; what does not follow the mask stays as it is, for the ERP to refuse in its own words. */
  raw(canonical: string): string {
    const given = this.split(canonical);
    if (given === null) return canonical;
    const padded: string[] = [];
    for (const [index, { width, justify, optional, separator }] of this.parts.entries()) {
      const part = given[index] ?? '';
      if (part.length > width || (part === '' && !optional)) return canonical;
      padded.push(justify === 'R' ? part.padStart(width) : part.padEnd(width), separator);
    }
    return padded.join('');
  }

  /** Source of a regular expression that the short form matches. */
  get pattern(): string {
    const from = (index: number): string => {
      const part = this.parts[index];
      if (part === undefined) return '';
      const separator = index === 0 ? '' : (this.parts[index - 1]?.separator ?? '');
      const here = `${separator}[0-9]{1,${part.width}}${from(index + 1)}`;
      return part.optional ? `(${here})?` : here;
    };
    return `^${from(0)}$`;
  }

  private cut(raw: string): readonly string[] | null {
    const parts: string[] = [];
    let at = 0;
    for (const { width, separator } of this.parts) {
      parts.push(raw.slice(at, at + width).trim());
      at += width;
      if (raw.slice(at, at + separator.length) !== separator) return null;
      at += separator.length;
    }
    return at === raw.length ? parts : null;
  }

  private split(canonical: string): readonly string[] | null {
    const given: string[] = [];
    let rest: string | null = canonical;
    for (const { separator } of this.parts) {
      if (rest === null) break;
      const end: number = separator === '' ? -1 : rest.indexOf(separator);
      given.push(end < 0 ? rest : rest.slice(0, end));
      rest = end < 0 ? null : rest.slice(end + separator.length);
    }
    return rest === null ? given : null;
  }
}

/** The masks that the customer chose, by name in lower case: rows with `Mask`, `Width`, `Justify` (`R`), `Optional` (`Y`), `Separator`, in the order of the parts. */
export function masksOf(rows: readonly Row[]): Readonly<Record<string, Mask>> {
  const parts = new Map<string, MaskPart[]>();
  for (const { Mask: mask, Width, Justify, Optional, Separator } of rows) {
    if (typeof mask !== 'string') continue;
    const name = mask.toLowerCase();
    const part: MaskPart = {
      width: Number(Width),
      justify: Justify === 'R' ? 'R' : 'L',
      optional: Optional === 'Y',
      separator: String(Separator),
    };
    parts.set(name, [...(parts.get(name) ?? []), part]);
  }
  return Object.fromEntries([...parts].map(([name, of]) => [name, new Mask(of)]));
}
