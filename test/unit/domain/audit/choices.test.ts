import type { SignedChoice } from '../../../../src/domain/audit/choices';
import { choiceEntry, choiceKey, choiceStatement, sealedChoices } from '../../../../src/domain/audit/choices';
import type { AuditEntry } from '../../../../src/domain/audit/chain';
import { proofOf } from '../../../../src/domain/audit/evidence';
import { SigningKeys } from '../../../../src/domain/people/signing-keys';
import { TEST_KEYS } from '../../../support/people';

let second = 0;

function chosen(more: Partial<SignedChoice> = {}, connectionId = 'acme', keys = TEST_KEYS): AuditEntry {
  second += 1;
  const at = new Date(second * 1000).toISOString();
  const bare: SignedChoice = {
    recordId: 'vendor/7',
    link: 'l1',
    field: 'phone',
    choice: { take: 'erp' },
    pair: { procore: '1', erp: '2' },
    by: 'maria',
    account: null,
    channel: 'cli',
    comment: 'asked',
    at,
    signatures: [],
    ...more,
  };
  const given = { ...bare, signatures: keys.sign(choiceStatement(connectionId, bare)) };
  return { at, ...choiceEntry(given), requestId: null, planHash: null, workflowId: null };
}

const told = (action: 'conflict.opened' | 'conflict.closed', field = 'phone'): AuditEntry => ({
  ...chosen(),
  action,
  actor: 'tieback',
  detail: { link: 'l1', field },
});

const holding = (...sealed: AuditEntry[]): string | undefined => {
  const given = sealedChoices('acme', sealed, TEST_KEYS).get(choiceKey('l1', 'phone'));
  return given === undefined ? undefined : `${given.by}: ${given.choice.take}`;
};
const OTHERS = new SigningKeys([{ id: 'other', key: Buffer.alloc(32, 9).toString('base64') }]);
const marias = chosen();

test.each<[string, readonly AuditEntry[], string | undefined]>([
  ['nobody chose', [told('conflict.opened')], undefined],
  ['a person chose', [told('conflict.opened'), marias], 'maria: erp'],
  ['the later choice counts', [marias, chosen({ by: 'tom', choice: { take: 'procore' } })], 'tom: procore'],
  ['a closed conflict is over', [marias, told('conflict.closed')], undefined],
  [
    'the next conflict of the field is another one',
    [marias, told('conflict.closed'), told('conflict.opened')],
    undefined,
  ],
  ['one of another field is not touched', [marias, told('conflict.closed', 'email')], 'maria: erp'],
  ['a copy of what was over', [marias, told('conflict.closed'), marias], undefined],
  ['in the name of somebody else', [{ ...marias, actor: 'tom' }], undefined],
  ['with another comment', [{ ...marias, detail: { ...marias.detail, comment: 'x' } }], undefined],
  ['about another record', [{ ...marias, subject: 'vendor/8' }], undefined],
  [
    'with another choice',
    [{ ...marias, detail: { ...marias.detail, choice: { take: 'procore' } } }],
    undefined,
  ],
  [
    'with other values',
    [{ ...marias, detail: { ...marias.detail, pair: { procore: '1', erp: '3' } } }],
    undefined,
  ],
  ['signed for another connection', [chosen({}, 'other')], undefined],
  ['signed by somebody else', [chosen({}, 'acme', OTHERS)], undefined],
  [
    'without any detail',
    [{ ...marias, detail: { link: 'l1', field: 'phone', signatures: [null] } }],
    undefined,
  ],
  ['by an account, in the name of a person', [chosen({ account: 'uid 0 (root)' })], 'maria: erp'],
])('%s', (_what, sealed, expected) => {
  expect(holding(...sealed)).toBe(expected);
});

test('an auditor sees whether the daemon signed it', () => {
  expect(proofOf('acme', marias, TEST_KEYS)).toBe('right');
  expect(proofOf('acme', { ...marias, actor: 'tom' }, TEST_KEYS)).toBe('wrong');
  expect(proofOf('acme', chosen({}, 'acme', OTHERS), TEST_KEYS)).toBe('unchecked');
  expect(proofOf('acme', told('conflict.opened'), TEST_KEYS)).toBe('none');
});
