import type { CustomFields } from '../../../../src/domain/kinds/custom-fields';
import { findOf } from '../../../../src/procore/open-door/finds';

const MAPPED: CustomFields = { vendor: { custom_field_7: 'udTrade' } };

const revisionOf = (value: string | null, customFields: CustomFields): string => {
  const custom = { custom_field_7: { data_type: 'string', value } };
  const data = { vendor: { id: 8, name: 'Cobalt Mechanical LLC', custom_fields: custom } };
  const told = { companyId: 1, event: 'create_vendor', kind: 'vendor', procoreId: 8, data } as const;
  return findOf(told, customFields).revision;
};

test('a mapped custom field is part of what a find says', () => {
  expect(revisionOf('HVAC', MAPPED)).not.toBe(revisionOf('Electrical', MAPPED));
});

test('one that is empty says nothing new when it is mapped', () => {
  expect(revisionOf(null, MAPPED)).toBe(revisionOf(null, {}));
});
