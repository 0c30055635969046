/** Text of any characters, for properties. fast-check's own units look every character of Unicode up, at each load of a test file: a second of work each. */
import * as fc from 'fast-check';

/** One character of Unicode, as likely a common one as one from far away; never half of a pair. */
const character: fc.Arbitrary<string> = fc
  .oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0xffff }),
    fc.integer({ min: 0x10000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));

/** What people take for one character, of one or of several of Unicode. */
const grapheme: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)),
  fc.integer({ min: 0xa1, max: 0x17f }).map((code) => String.fromCodePoint(code)),
  fc.integer({ min: 0x4e00, max: 0x9fff }).map((code) => String.fromCodePoint(code)),
  fc.constantFrom('e\u0301', 'n\u0303', 'ก็', 'की', '각', '👍', '👍🏽', '👩‍👩‍👧', '🇪🇺', '1️⃣'),
);

type Lengths = Pick<fc.StringConstraints, 'minLength' | 'maxLength'>;

/** Any text that is well formed, unassigned characters and control characters too. */
export const anyUnicode = (lengths: Lengths = {}): fc.Arbitrary<string> =>
  fc.string({ ...lengths, unit: character });

/** Text as people write it, in any script. */
export const anyWritten = (lengths: Lengths = {}): fc.Arbitrary<string> =>
  fc.string({ ...lengths, unit: grapheme });
