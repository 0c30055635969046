import { inflateSync } from 'node:zlib';

/** One piece of text on a page. Places are points from the lower left corner. */
export interface PdfText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface PdfPage {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly PdfText[];
}

/**
 * The text of a PDF, read from its content streams by the tables with which its fonts say which glyph is which letter: what a reader copies from it.
 * Only for files as pdfkit writes them.
 */
export function readPdf(bytes: Buffer): readonly PdfPage[] {
  const objects = new Map(
    [...bytes.toString('latin1').matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map(
      ([, id = '', body = '']) => [id, body],
    ),
  );
  const streamOf = (id: string | undefined): string => {
    const body = objects.get(id ?? '') ?? '';
    const raw = body.slice(body.indexOf('stream\n') + 'stream\n'.length, body.lastIndexOf('\nendstream'));
    return inflateSync(Buffer.from(raw, 'latin1')).toString('latin1');
  };
  const letters = (font: string): readonly string[] => {
    const [, id] = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font) ?? '') ?? [];
    return [...streamOf(id).matchAll(/\[([^\]]*)\]\nendbfrange|\[([^\]]*)\]/g)].flatMap(([, one, two]) =>
      [...(one ?? two ?? '').matchAll(/<([0-9a-f ]*)>/g)].map(([, codes = '']) =>
        codes
          .split(' ')
          .map((code) => String.fromCharCode(parseInt(code, 16)))
          .join(''),
      ),
    );
  };
  const [, kids = ''] =
    /\/Type \/Pages[\s\S]*?\/Kids \[([^\]]*)\]/.exec([...objects.values()].join('\n')) ?? [];
  return [...kids.matchAll(/(\d+) 0 R/g)].map(([, id = '']) => {
    const page = objects.get(id) ?? '';
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(page) ?? [];
    const [, contents] = /\/Contents (\d+) 0 R/.exec(page) ?? [];
    const [, resources = ''] = /\/Resources (\d+) 0 R/.exec(page) ?? [];
    const fonts = new Map(
      [...(objects.get(resources) ?? '').matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', font = '']) => [
        name,
        letters(font),
      ]),
    );
    const texts = streamOf(contents).matchAll(
      /1 0 0 1 (-?[\d.]+) (-?[\d.]+) Tm\n\/(F\d+) [\d.]+ Tf\n\[(.*)\] TJ/g,
    );
    return {
      width: Number(width),
      height: Number(height),
      texts: [...texts].map(([, x, y, font = '', glyphs = '']) => ({
        x: Number(x),
        y: Number(y),
        text: [...glyphs.matchAll(/<([0-9a-f]+)>/g)]
          .flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
          .map((glyph) => fonts.get(font)?.[parseInt(glyph, 16)] ?? '?')
          .join(''),
      })),
    };
  });
}
