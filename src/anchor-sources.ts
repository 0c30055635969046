import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AnchorSource } from './desk/audit/anchors';
import type { Anchor } from './domain/audit/anchor';
import { readAnchor } from './domain/audit/anchor';
import type { AnchorBook, AnchorPage } from './erp-adapters/contract/adapter';

const AT_A_TIME = 500;

/** The anchors that the ERP's own database keeps. */
export const anchorsInErp = (book: AnchorBook): AnchorSource => ({
  name: 'the ERP',
  async *pages() {
    let after: string | null = null;
    do {
      const page: AnchorPage = await book.entries(after, AT_A_TIME);
      yield page.anchors;
      after = page.cursor;
    } while (after !== null);
  },
});

/** The anchors in a file, a line of JSON each. A line that is none is told: the file is not ours alone. */
export const anchorsInFile = (file: string): AnchorSource => ({
  name: `the file ${file}`,
  async *pages() {
    if (!existsSync(file)) {
      yield 'the file is not there (it begins with the first anchor)';
      return;
    }
    let page: Anchor[] = [];
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() === '') continue;
      const anchor = readAnchor(line);
      if (anchor === null) {
        yield page;
        yield `line ${number} is no anchor`;
        return;
      }
      if (page.push(anchor) < AT_A_TIME) continue;
      yield page;
      page = [];
    }
    yield page;
  },
});

/** Everywhere outside our store that heads of a log can be read from: the ERP where it keeps them, and the file of the configuration. */
export const anchorSourcesOf = (
  { anchorFile }: { readonly anchorFile: string | null },
  book: AnchorBook | undefined,
): readonly AnchorSource[] => [
  ...(book === undefined ? [] : [anchorsInErp(book)]),
  ...(anchorFile === null ? [] : [anchorsInFile(anchorFile)]),
];
