import PDFDocument from 'pdfkit';

/** All measures are points, 72 to an inch; places are counted from the upper left corner of a page. */
export interface Style {
  readonly font: 'regular' | 'bold';
  readonly size: number;
  readonly colour: string;
}

export const PAPERS = ['letter', 'a4'] as const;
export type Paper = (typeof PAPERS)[number];

/** Shorter and longer side. */
const SIZES: Readonly<Record<Paper, readonly [number, number]>> = {
  letter: [612, 792],
  a4: [595.28, 841.89],
};
const MARGIN = 40;
/** Room at the foot of each page, below the margin of the text. */
const FOOT = 24;
/** Lines stand this much apart, in sizes of their letters. */
const LEADING = 1.3;

/** Latin with all its accents, Greek and Cyrillic; digits of one width. Only the letters that are used go into the file. */
const FONTS = {
  regular: require.resolve('@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf'),
  bold: require.resolve('@expo-google-fonts/source-sans-3/600SemiBold/SourceSans3_600SemiBold.ttf'),
} as const;

/** Room between the margins of a page. */
export const roomOf = (paper: Paper, isLandscape: boolean): number =>
  SIZES[paper][isLandscape ? 1 : 0] - 2 * MARGIN;

export const leadingOf = ({ size }: Style): number => size * LEADING;

/** Pages that are written from top to bottom. */
export class Sheet {
  private readonly doc: PDFKit.PDFDocument;
  private readonly widths = new Map<string, number>();
  private readonly unknown = new Set<string>();
  private size: readonly [number, number] = SIZES.letter;
  private bottom = 0;
  private startPage: () => void = () => undefined;
  readonly left = MARGIN;
  /** Where the next thing goes. */
  y = 0;

  /** `createdAt` is part of the file: the same input makes the same bytes. */
  constructor({ title, createdAt }: { readonly title: string; readonly createdAt: Date }) {
    this.doc = new PDFDocument({
      autoFirstPage: false,
      bufferPages: true,
      margin: 0,
      pdfVersion: '1.7',
      lang: 'en',
      displayTitle: true,
      info: { Title: title, Creator: 'Tieback', Producer: 'Tieback', CreationDate: createdAt },
    });
    for (const [name, file] of Object.entries(FONTS)) this.doc.registerFont(name, file);
  }

  /** Begins the first page; `startPage` is called on every later one, before anything else is written there. */
  open(paper: Paper, isLandscape: boolean, startPage: () => void): void {
    const [short, long] = SIZES[paper];
    this.size = isLandscape ? [long, short] : [short, long];
    this.bottom = this.size[1] - MARGIN - FOOT;
    this.addPage();
    this.startPage = startPage;
  }

  get room(): number {
    return this.size[0] - 2 * MARGIN;
  }

  newPage(): void {
    this.addPage();
    this.startPage();
  }

  private addPage(): void {
    this.doc.addPage({ size: [...this.size], margin: 0 });
    this.y = MARGIN;
  }

  /** Goes on with the next page where this much is not left. */
  ensure(height: number): void {
    if (this.y + height > this.bottom) this.newPage();
  }

  width(text: string, style: Style): number {
    const key = `${style.font} ${style.size} ${text}`;
    const known = this.widths.get(key);
    if (known !== undefined) return known;
    const width = this.use(style).widthOfString(text);
    this.widths.set(key, width);
    return width;
  }

  /** Breaks text at spaces, and what is longer than a line between two signs: nothing is cut. */
  wrap(text: string, style: Style, room: number): readonly string[] {
    return text.split('\n').flatMap((line) => {
      const lines = [''];
      for (const word of line.split(' ').flatMap((one) => this.pieces(one, style, room))) {
        const last = lines.at(-1) ?? '';
        const longer = last === '' ? word : `${last} ${word}`;
        if (last === '' || this.width(longer, style) <= room) lines[lines.length - 1] = longer;
        else lines.push(word);
      }
      return lines;
    });
  }

  private pieces(word: string, style: Style, room: number): readonly string[] {
    if (this.width(word, style) <= room) return [word];
    const pieces = [''];
    for (const sign of word) {
      const last = pieces.at(-1) ?? '';
      if (last === '' || this.width(last + sign, style) <= room) pieces[pieces.length - 1] = last + sign;
      else pieces.push(sign);
    }
    return pieces;
  }

  /** One line, at a place; `right` is where it ends. */
  line(
    text: string,
    style: Style,
    at: { readonly x: number; readonly y: number } | { right: number; y: number },
  ): void {
    const x = 'x' in at ? at.x : at.right - this.width(text, style);
    const doc = this.use(style);
    for (const sign of text) if (!this.hasSign(sign)) this.unknown.add(sign);
    doc.fillColor(style.colour).text(text, x, at.y, { lineBreak: false });
  }

  /** Lines below each other, over pages; then `after` more. */
  paragraph(text: string, style: Style, { indent = 0, after = 0 } = {}): void {
    for (const line of this.wrap(text, style, this.room - indent)) {
      this.ensure(leadingOf(style));
      this.line(line, style, { x: this.left + indent, y: this.y });
      this.y += leadingOf(style);
    }
    this.y += after;
  }

  rule(width: number, thickness: number, colour: string): void {
    this.doc
      .moveTo(this.left, this.y)
      .lineTo(this.left + width, this.y)
      .lineWidth(thickness)
      .strokeColor(colour)
      .stroke();
  }

  box(area: { readonly y: number; readonly width: number; readonly height: number }, colour: string): void {
    this.doc.rect(this.left, area.y, area.width, area.height).fill(colour);
  }

  /** Signs that were written and that the font does not have: they show as an empty box. */
  get unknownSigns(): readonly string[] {
    return [...this.unknown].sort();
  }

  /** Writes the foot of every page, and ends the file. */
  async close(foot: string, style: Style): Promise<Buffer> {
    const { start, count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.doc.switchToPage(start + page);
      const number = `Page ${page + 1} of ${count}`;
      this.y = this.bottom + FOOT - leadingOf(style);
      this.rule(this.room, 0.5, style.colour);
      const room = this.room - this.width(number, style) - 24;
      this.wrap(foot, style, room).forEach((line, index) =>
        this.line(line, style, { x: this.left, y: this.y + 4 + index * leadingOf(style) }),
      );
      this.line(number, style, { right: this.left + this.room, y: this.y + 4 });
    }
    const chunks: Buffer[] = [];
    this.doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    return new Promise((resolve, reject) => {
      this.doc.on('end', () => resolve(Buffer.concat(chunks)));
      this.doc.on('error', reject);
      this.doc.end();
    });
  }

  private use({ font, size }: Style): PDFKit.PDFDocument {
    return this.doc.font(font).fontSize(size);
  }

  private hasSign(sign: string): boolean {
    // What the font can write is nowhere in the interface of pdfkit.
    const { _font } = this.doc as unknown as {
      readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
    };
    return _font.font.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0);
  }
}
