/** How both sides write one code: `9` is a digit, `A` a letter, `X` either; everything else stands as it is. `99999-` and `99-999`. */
export interface MaskPair {
  readonly erp: string;
  readonly procore: string;
}

const CLASSES: Readonly<Record<string, RegExp>> = { '9': /[0-9]/u, A: /[A-Za-z]/u, X: /[0-9A-Za-z]/u };

interface Picture {
  /** Class of each character that carries something. */
  readonly cells: readonly string[];
  /** What stands in front of each of them; the last one: behind all. */
  readonly between: readonly string[];
}

function pictureOf(mask: string): Picture {
  const cells: string[] = [];
  const between = [''];
  for (const character of mask) {
    if (character in CLASSES) {
      cells.push(character);
      between.push('');
    } else between.push(`${between.pop() ?? ''}${character}`);
  }
  return { cells, between };
}

/**
 * A code in the form of the other side; null: it does not follow its mask. Segments may be missing at the end, as of a division whose code is the
 * beginning of its codes.
 */
export function convertCode(value: string, from: string, to: string): string | null {
  const [source, target] = [pictureOf(from), pictureOf(to)];
  const { cells } = source;
  let [at, out] = [0, ''];
  for (const [index, cell] of cells.entries()) {
    const [before = '', there = ''] = [source.between[index], target.between[index]];
    const isSegment = index > 0 && before + there !== '';
    if (isSegment && at === value.length) return out;
    if (!value.startsWith(before, at)) return null;
    at += before.length;
    const character = value.charAt(at);
    if (CLASSES[cell]?.test(character) !== true) return null;
    at += 1;
    out += there + character;
  }
  const end = cells.length;
  return value.slice(at) === source.between[end] ? out + (target.between[end] ?? '') : null;
}

/** Why two masks cannot be led into each other; null: they can. */
export function maskProblem({ erp, procore }: MaskPair): string | null {
  const [here, there] = [pictureOf(erp), pictureOf(procore)];
  if (here.cells.length === 0)
    return `the mask "${erp}" has no place for a character: 9 is a digit, A a letter, X either`;
  if (here.cells.join('') !== there.cells.join(''))
    return `the masks "${erp}" and "${procore}" hold different characters (${here.cells.join('')} and ${there.cells.join('')}): a code would be lost on the way`;
  return null;
}
