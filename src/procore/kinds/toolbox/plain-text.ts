import { decodeHTMLStrict } from 'entities';

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

/** Only what ends with its semicolon: "R&D" and "?a=1&copy=2" are text. */
const decoded = (text: string): string => decodeHTMLStrict(text.replaceAll('&nbsp;', ' '));
