import type { ErrorCode } from '../../../../src/domain/base/errors';
import { ERROR_TABLE, hintOf, TiebackError } from '../../../../src/domain/base/errors';

const CODES = Object.keys(ERROR_TABLE) as readonly ErrorCode[];

test('where nothing can be corrected, nobody is told to correct it', () => {
  for (const code of CODES.filter((one) => one !== 'CORRECTIONS_UNPROVEN')) {
    const error = new TiebackError(code).toShape();
    expect(hintOf(error, false)).not.toMatch(/tieback correct/);
    expect(hintOf(error, true)).toBe(error.hint);
  }
});

test('our own refusal does not blame the ERP', () => {
  expect(new TiebackError('RECORD_REFUSED', { reason: 'Name is empty.' }).message).toBe(
    'This cannot be written to the ERP: Name is empty.',
  );
});

test('no advice is left without a command or a place', () => {
  for (const code of CODES) expect(ERROR_TABLE[code].hint).not.toMatch(/resume the request/);
});
