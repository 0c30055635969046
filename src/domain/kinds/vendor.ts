import type { KindDefinition } from './definition';
import { flag, percent, text } from './definition';

export const vendor = {
  label: 'Vendor',
  plural: 'vendors',
  itemTypes: ['vendor'],
  fields: {
    /** Number people see in the ERP and, as `origin_code`, in Procore. */
    code: text('Vendor number'),
    name: { ...text('Name'), required: true },
    /** For lists and look-ups (Procore: `abbreviated_name`). */
    sortName: { ...text('Sort name'), shortNameOf: 'name' },
    address: text('Address'),
    city: text('City'),
    /** ISO 3166-2 subdivision without the country, e.g. `WA`. */
    stateCode: text('State'),
    postalCode: text('Postal code'),
    /** ISO 3166-1 alpha-2, e.g. `US`. */
    countryCode: text('Country'),
    phone: text('Phone'),
    fax: text('Fax'),
    email: text('E-mail'),
    website: text('Web site'),
    /** First and last name of the main contact person, who is a person of Procore's directory: none can be made from a name. */
    contactName: { ...text('Contact'), madeByProcore: true },
    /** Code of the ERP, e.g. `SUB`. */
    vendorType: { ...text('Vendor type'), erpOnly: true },
    /** Default retainage in percent, e.g. `10.00`. */
    retainagePercent: { ...percent('Retainage %'), erpOnly: true },
    isActive: { ...flag('Active'), atFirst: true },
  },
  lines: {},
  import: { how: 'stage_and_update', parents: [] },
  likeness: { name: 'name', email: 'email', phone: 'phone' },
} as const satisfies KindDefinition;
