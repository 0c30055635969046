/*
 * Rich text of Procore (descriptions, inclusions, notes: HTML of its editor) as plain text. What is no tag and no entity stays as it is:
 * "pressure < 5 & rising" is text.
 */

/** Elements of the editor and of what is pasted into it. Anything else in angle brackets is text. */
const INLINE =
  'a|abbr|b|big|cite|code|del|em|font|i|img|ins|kbd|mark|o:p|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var|wbr|button|input|label|colgroup|col';
const BLOCK =
  'address|article|aside|blockquote|body|caption|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|li|main|meta|nav|ol|p|pre|section|table|tbody|tfoot|thead|title|tr|ul';
const ATTRIBUTES = `(?:\\s+[\\w:-]+\\s*=\\s*(?:"[^"<]*"|'[^'<]*'|[^\\s"'<>]+))*\\s*/?`;
const tag = (names: string): RegExp => new RegExp(`</?(?:${names})${ATTRIBUTES}>`, 'giu');

const ANY_TAG = new RegExp(tag(`${INLINE}|${BLOCK}|br|td|th|script|style`).source, 'iu');
const UNSEEN = /<!--(?:(?!<!--)[\s\S])*?-->|<(script|style|head)\b[^<>]*>(?:(?!<\1\b)[\s\S])*?<\/\1\s*>/giu;
const ITEM = new RegExp(`<li${ATTRIBUTES}>`, 'giu');

/** Plain text of a rich one: paragraphs, list items and breaks are lines, entities are the characters that they stand for. */
export function plainText(html: string): string {
  if (!ANY_TAG.test(html)) return decoded(html);
  const lines = html
    .replace(UNSEEN, '')
    // In HTML a line break is a blank; editors make every second blank one that does not break.
    .replace(/[ \t\r\n\f\u00A0]+/gu, ' ')
    .replace(ITEM, '\n- ')
    .replace(tag('br'), '\n')
    .replace(tag('td|th'), ' ')
    .replace(tag(BLOCK), '\n')
    .replace(tag(INLINE), '');
  return decoded(lines)
    .split('\n')
    .map((line) => line.replace(/[ \t]+/gu, ' ').trim())
    .filter((line) => line !== '' && line !== '-')
    .join('\n');
}

const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,8}));/gu;

const decoded = (text: string): string =>
  text.replace(ENTITY, (entity, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return name === 'nbsp' ? ' ' : (NAMED.get(name) ?? entity);
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? '', 16);
    const isCharacter = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isCharacter || code === 9 || code === 10 || code === 13 ? String.fromCodePoint(code) : entity;
  });

/** U+00A0 and on, in order: the names of HTML for Latin-1. */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';

const OTHERS =
  'amp=& lt=< gt=> quot=" apos=\' ndash=– mdash=— lsquo=‘ rsquo=’ sbquo=‚ ldquo=“ rdquo=” bdquo=„ lsaquo=‹ rsaquo=› dagger=† Dagger=‡ bull=• hellip=… permil=‰ prime=′ Prime=″ trade=™ euro=€ OElig=Œ oelig=œ Scaron=Š scaron=š Yuml=Ÿ fnof=ƒ circ=ˆ tilde=˜ ensp=\u2002 emsp=\u2003 thinsp=\u2009 zwnj=\u200C zwj=\u200D lrm=\u200E rlm=\u200F larr=← uarr=↑ rarr=→ darr=↓ harr=↔ minus=− lowast=∗ radic=√ infin=∞ asymp=≈ ne=≠ equiv=≡ le=≤ ge=≥ sum=∑ prod=∏ part=∂ Delta=Δ Omega=Ω pi=π alpha=α beta=β gamma=γ delta=δ theta=θ lambda=λ mu=μ sigma=σ phi=φ omega=ω check=✓';

const NAMED: ReadonlyMap<string, string> = new Map([
  ...LATIN.split(' ').map((name, index) => [name, String.fromCodePoint(0xa0 + index)] as const),
  ...OTHERS.split(' ').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  }),
]);
