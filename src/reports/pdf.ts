import type { Column, Group, Note, Report, Row } from './report';
import { shownCell, titlesOf } from './report';
import type { Paper, Style } from './sheet';
import { leadingOf, roomOf, Sheet } from './sheet';

const INK = '#16202b';
const QUIET = '#56616d';
const LINE = '#cfd5db';
const BAND = '#eef1f4';
const TONES = { good: '#17693a', plain: INK, bad: '#a3231c' } as const;

const TITLE: Style = { font: 'bold', size: 15, colour: INK };
const ABOUT: Style = { font: 'regular', size: 9, colour: QUIET };
const VERDICT: Style = { font: 'bold', size: 11, colour: INK };
const GROUP: Style = { font: 'bold', size: 10, colour: INK };
const HEAD: Style = { font: 'bold', size: 8, colour: QUIET };
const CELL: Style = { font: 'regular', size: 8.5, colour: INK };
const TOTAL: Style = { ...CELL, font: 'bold' };
const BELOW: Style = { font: 'regular', size: 8, colour: QUIET };
const FOOT: Style = { font: 'regular', size: 7.5, colour: QUIET };

const PAD = 4;
/** Columns are given more room than they need, up to this much, where the page has it. */
const MOST_STRETCH = 1.4;
/** A column of text may be made this narrow, and breaks its lines. */
const LEAST_TEXT = 60;

/**
 * The report on pages: heads of the table on each of them, landscape where it is too wide otherwise. The same report makes the same bytes. Signs that the
 * font does not have are named at the end.
 */
export async function renderPdf(report: Report, paper: Paper): Promise<Buffer> {
  const sheet = new Sheet({ title: report.title, createdAt: new Date(report.madeAt) });
  const natural = naturalWidths(report, sheet);
  const wide = natural.reduce((sum, width) => sum + width, 0) > roomOf(paper, false);
  const page = new Pages(report, sheet, fitted(report.columns, natural, roomOf(paper, wide)));
  sheet.open(paper, wide, () => page.head());
  page.write();
  const { unknownSigns } = sheet;
  if (unknownSigns.length > 0)
    page.note({
      title: 'Signs that this file cannot show',
      lines: [
        `The font does not have ${unknownSigns.length} of the signs above, shown as boxes; the CSV of this report has them.`,
      ],
    });
  return sheet.close(`${report.title} · ${report.madeFrom}`, FOOT);
}

function naturalWidths({ columns, groups, total }: Report, sheet: Sheet): readonly number[] {
  const titles = groups.map((group) => titlesOf({ columns }, group));
  const totals = [...groups.map((group) => group.total), total].filter((row) => row !== null);
  return columns.map((column, index) => {
    const widest = (texts: readonly string[], style: Style): number =>
      texts
        .flatMap((text) => text.split('\n'))
        .reduce((most, text) => Math.max(most, sheet.width(text, style)), 0);
    const cellsOf = (rows: readonly Row[]): readonly string[] =>
      rows.map(({ cells }) => shownCell(cells[index] ?? '', column));
    return (
      2 * PAD +
      Math.max(
        widest([column.title, ...titles.map((own) => own[index] ?? '')], HEAD),
        widest(cellsOf(groups.flatMap(({ rows }) => rows)), CELL),
        // Words of a total may reach over the columns beside it.
        column.kind === 'hours' ? widest(cellsOf(totals), TOTAL) : 0,
      )
    );
  });
}

/** Hours are never broken; text gives way where there is too little room, and everything grows a little where there is much. */
function fitted(columns: readonly Column[], natural: readonly number[], room: number): readonly number[] {
  const total = natural.reduce((sum, width) => sum + width, 0);
  if (total <= room) return natural.map((width) => width * Math.min(MOST_STRETCH, room / total));
  const isText = (index: number): boolean =>
    columns[index]?.kind === 'text' && (natural[index] ?? 0) > LEAST_TEXT;
  const able = natural.reduce((sum, width, index) => sum + (isText(index) ? width - LEAST_TEXT : 0), 0);
  const share = Math.min(1, (total - room) / Math.max(able, 1));
  return natural.map((width, index) => (isText(index) ? width - (width - LEAST_TEXT) * share : width));
}

/** Where a report is on its pages. */
class Pages {
  private group: Group | null = null;

  constructor(
    private readonly report: Report,
    private readonly sheet: Sheet,
    private readonly widths: readonly number[],
  ) {}

  private get tableWidth(): number {
    return this.widths.reduce((sum, width) => sum + width, 0);
  }

  write(): void {
    const { sheet } = this;
    const { title, about, verdict, groups, total, notes } = this.report;
    sheet.paragraph(title, TITLE, { after: 2 });
    for (const line of about) sheet.paragraph(line, ABOUT);
    if (verdict !== null) {
      sheet.y += 6;
      sheet.paragraph(verdict.text, { ...VERDICT, colour: TONES[verdict.tone] });
    }
    sheet.y += 8;
    groups.forEach((group, index) => {
      if (group.startsPage && index > 0) sheet.newPage();
      this.table(group, index === groups.length - 1 ? total : null);
    });
    for (const note of notes) this.note(note);
  }

  /** At the top of every page but the first: what it belongs to. */
  head(): void {
    const { sheet, group } = this;
    const { title, about } = this.report;
    sheet.paragraph([title, ...about.slice(0, 1)].join(' · '), ABOUT, { after: 4 });
    if (group !== null) this.tableHead(group, true);
  }

  note({ title, lines }: Note): void {
    const { sheet } = this;
    if (lines.length === 0) return;
    sheet.y += 10;
    sheet.ensure(leadingOf(GROUP) + leadingOf(BELOW) + 2);
    sheet.paragraph(title, GROUP, { after: 2 });
    for (const line of lines) {
      sheet.ensure(leadingOf(BELOW));
      sheet.line('–', BELOW, { x: sheet.left, y: sheet.y });
      sheet.paragraph(line, { ...BELOW, colour: INK }, { indent: 10, after: 1 });
    }
  }

  private table(group: Group, all: Row | null): void {
    const { sheet } = this;
    const [first] = group.rows;
    sheet.ensure(this.headHeight(group) + (first === undefined ? 0 : this.rowHeight(first, CELL)));
    this.tableHead(group, false);
    this.group = group;
    for (const row of group.rows) this.row(row, CELL);
    for (const row of [group.total, all]) if (row !== null) this.row(row, TOTAL);
    this.group = null;
    sheet.y += 12;
  }

  private headHeight(group: Group): number {
    const lines = titlesOf(this.report, group).reduce(
      (most, title) => Math.max(most, title.split('\n').length),
      1,
    );
    return (group.title === null ? 0 : leadingOf(GROUP) + 4) + lines * leadingOf(HEAD) + 2 * PAD;
  }

  private tableHead(group: Group, goesOn: boolean): void {
    const { sheet } = this;
    if (group.title !== null)
      sheet.paragraph(`${group.title}${goesOn ? ', continued' : ''}`, GROUP, { after: 4 });
    const titles = titlesOf(this.report, group).map((title) => title.split('\n'));
    const lines = titles.reduce((most, title) => Math.max(most, title.length), 1);
    const height = lines * leadingOf(HEAD) + 2 * PAD;
    sheet.box({ y: sheet.y, width: this.tableWidth, height }, BAND);
    const top = sheet.y + PAD;
    // Titles stand on the line of the table.
    titles.forEach((title, column) =>
      title.forEach((text, line) =>
        this.cell(text, HEAD, column, top + (lines - title.length + line) * leadingOf(HEAD)),
      ),
    );
    sheet.y += height;
    sheet.rule(this.tableWidth, 0.8, QUIET);
  }

  private linesOf({ cells }: Row, style: Style): readonly (readonly string[])[] {
    return this.report.columns.map((column, index) => {
      const text = shownCell(cells[index] ?? '', column);
      const room = (this.widths[index] ?? 0) - 2 * PAD;
      return column.kind === 'hours' || style === TOTAL
        ? text.split('\n')
        : this.sheet.wrap(text, style, room);
    });
  }

  private rowHeight(row: Row, style: Style): number {
    const lines = this.linesOf(row, style).reduce((most, cell) => Math.max(most, cell.length), 1);
    return lines * leadingOf(style) + PAD;
  }

  private row(row: Row, style: Style): void {
    const { sheet } = this;
    const height = this.rowHeight(row, style);
    const below = (row.below ?? []).flatMap((text) => sheet.wrap(text, BELOW, this.tableWidth - 5 * PAD));
    sheet.ensure(height + (below.length === 0 ? 0 : leadingOf(BELOW)));
    if (style === TOTAL) sheet.rule(this.tableWidth, 0.8, QUIET);
    this.linesOf(row, style).forEach((lines, column) =>
      lines.forEach((text, line) =>
        this.cell(text, style, column, sheet.y + PAD / 2 + line * leadingOf(style)),
      ),
    );
    sheet.y += height;
    for (const text of below) {
      sheet.ensure(leadingOf(BELOW));
      sheet.line(text, BELOW, { x: sheet.left + 4 * PAD, y: sheet.y });
      sheet.y += leadingOf(BELOW);
    }
    if (below.length > 0) sheet.y += PAD / 2;
    if (style !== TOTAL) sheet.rule(this.tableWidth, 0.4, LINE);
  }

  private cell(text: string, style: Style, column: number, y: number): void {
    if (text === '') return;
    const begin = this.sheet.left + this.widths.slice(0, column).reduce((sum, width) => sum + width, 0);
    const isRight = this.report.columns[column]?.kind === 'hours';
    this.sheet.line(
      text,
      style,
      isRight ? { right: begin + (this.widths[column] ?? 0) - PAD, y } : { x: begin + PAD, y },
    );
  }
}
