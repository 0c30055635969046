import fc from 'fast-check';
import { plainText } from '../../../../src/procore/kinds/toolbox/plain-text';
import { anyWritten } from '../../../support/any-text';

test.each<[string, string]>([
  ['<p>Paving level 3.</p>', 'Paving level 3.'],
  ['Furnish &amp; install', 'Furnish & install'],
  ['<p>One</p><p>Two</p>', 'One\nTwo'],
  ['<p>One<br>Two<br/>Three<BR />Four</p>', 'One\nTwo\nThree\nFour'],
  ['<div>One</div>\n<div>\n  Two\n</div>', 'One\nTwo'],
  ['<ul><li>Labor</li><li>Material</li></ul>', '- Labor\n- Material'],
  ['<ol>\n<li><p>Labor</p></li></ol>', 'Labor'],
  ['<table><tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr></table>', 'A 1\nB 2'],
  ['<p style="margin:0" class=\'x\'>Bold <strong>text</strong></p>', 'Bold text'],
  ['<p>See <a href="https://x.example/?a=1&b=2">this</a></p>', 'See this'],
  ['<p>&nbsp;</p><p>Text&nbsp;here</p>', 'Text here'],
  ['<!-- a --><style>p { color: red }</style><p>Text</p>', 'Text'],
  ['&lt;b&gt; is no tag', '<b> is no tag'],
  ['&amp;lt; once', '&lt; once'],
  ['&#8220;quoted&#x201D; &eacute;&frac12;&ndash;&hellip;', '“quoted” é½–…'],
  ['&nosuch; &#0; &#xD800; &; &amp', '&nosuch; \uFFFD \uFFFD &; &amp'],
  ['pressure < 5 & rising', 'pressure < 5 & rising'],
  ['a<b and c>d', 'a<b and c>d'],
  ['5 <6> 7, <unknown> and <p', '5 <6> 7, <unknown> and <p'],
  ['line one\r\nline two\ttabbed', 'line one\r\nline two\ttabbed'],
  ['', ''],
])('%j', (html, text) => {
  expect(plainText(html)).toBe(text);
});

test('text without a tag or an entity stays as it is, to the letter', () => {
  const text = anyWritten().filter((value) => !/<\/?[a-z!]|&[#a-z]/i.test(value));
  fc.assert(fc.property(text, (value) => expect(plainText(value)).toBe(value)));
});

test('what was escaped comes back, in a paragraph or without', () => {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const words = fc.array(fc.stringMatching(/^[A-Za-z0-9<>&";#/.-]{1,12}$/), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(words, (given) => {
      const text = given.join(' ');
      fc.pre(!/^-/.test(text));
      expect(plainText(escaped(text))).toBe(text);
      expect(plainText(`<p>${escaped(text)}</p>`)).toBe(text);
    }),
  );
});

test.each(['<p ', '<!--', '<script>', '<p a="', ' ', '&#', '<p>\n'])(
  '%j, very often, is read all the same',
  (part) => {
    expect(plainText(`<p>Text</p><p ${part.repeat(40_000)}`)).toMatch(/^Text/);
  },
);
