/*
 * Procore names time zones as Rails does ("Pacific Time (US & Canada)"), and sometimes as the IANA does (`US/Pacific`). Source of the names:
 * `ActiveSupport::TimeZone::MAPPING` of Rails (activesupport/lib/active_support/values/time_zone.rb), older spellings included.
 */
const RAILS_NAMES: Readonly<Record<string, readonly string[]>> = {
  'Pacific/Midway': ['International Date Line West', 'Midway Island'],
  'Pacific/Pago_Pago': ['American Samoa'],
  'Pacific/Honolulu': ['Hawaii'],
  'America/Juneau': ['Alaska'],
  'America/Los_Angeles': ['Pacific Time (US & Canada)'],
  'America/Tijuana': ['Tijuana'],
  'America/Denver': ['Mountain Time (US & Canada)'],
  'America/Phoenix': ['Arizona'],
  'America/Chihuahua': ['Chihuahua'],
  'America/Mazatlan': ['Mazatlan'],
  'America/Chicago': ['Central Time (US & Canada)'],
  'America/Regina': ['Saskatchewan'],
  'America/Mexico_City': ['Guadalajara', 'Mexico City'],
  'America/Monterrey': ['Monterrey'],
  'America/Guatemala': ['Central America'],
  'America/New_York': ['Eastern Time (US & Canada)'],
  'America/Indiana/Indianapolis': ['Indiana (East)'],
  'America/Bogota': ['Bogota'],
  'America/Lima': ['Lima', 'Quito'],
  'America/Halifax': ['Atlantic Time (Canada)'],
  'America/Caracas': ['Caracas'],
  'America/La_Paz': ['La Paz'],
  'America/Santiago': ['Santiago'],
  'America/St_Johns': ['Newfoundland'],
  'America/Sao_Paulo': ['Brasilia'],
  'America/Argentina/Buenos_Aires': ['Buenos Aires'],
  'America/Montevideo': ['Montevideo'],
  'America/Guyana': ['Georgetown'],
  'America/Puerto_Rico': ['Puerto Rico'],
  'America/Godthab': ['Greenland'],
  'Atlantic/South_Georgia': ['Mid-Atlantic'],
  'Atlantic/Azores': ['Azores'],
  'Atlantic/Cape_Verde': ['Cape Verde Is.'],
  'Europe/Dublin': ['Dublin'],
  'Europe/London': ['Edinburgh', 'London'],
  'Europe/Lisbon': ['Lisbon'],
  'Africa/Casablanca': ['Casablanca'],
  'Africa/Monrovia': ['Monrovia'],
  'Etc/UTC': ['UTC'],
  'Europe/Belgrade': ['Belgrade'],
  'Europe/Bratislava': ['Bratislava'],
  'Europe/Budapest': ['Budapest'],
  'Europe/Ljubljana': ['Ljubljana'],
  'Europe/Prague': ['Prague'],
  'Europe/Sarajevo': ['Sarajevo'],
  'Europe/Skopje': ['Skopje'],
  'Europe/Warsaw': ['Warsaw'],
  'Europe/Zagreb': ['Zagreb'],
  'Europe/Brussels': ['Brussels'],
  'Europe/Copenhagen': ['Copenhagen'],
  'Europe/Madrid': ['Madrid'],
  'Europe/Paris': ['Paris'],
  'Europe/Amsterdam': ['Amsterdam'],
  'Europe/Berlin': ['Berlin'],
  'Europe/Zurich': ['Bern', 'Zurich'],
  'Europe/Rome': ['Rome'],
  'Europe/Stockholm': ['Stockholm'],
  'Europe/Vienna': ['Vienna'],
  'Africa/Algiers': ['West Central Africa'],
  'Europe/Bucharest': ['Bucharest'],
  'Africa/Cairo': ['Cairo'],
  'Europe/Helsinki': ['Helsinki'],
  'Europe/Kiev': ['Kyiv', 'Kyev'],
  'Europe/Riga': ['Riga'],
  'Europe/Sofia': ['Sofia'],
  'Europe/Tallinn': ['Tallinn'],
  'Europe/Vilnius': ['Vilnius'],
  'Europe/Athens': ['Athens'],
  'Europe/Istanbul': ['Istanbul'],
  'Europe/Minsk': ['Minsk'],
  'Asia/Jerusalem': ['Jerusalem'],
  'Africa/Harare': ['Harare'],
  'Africa/Johannesburg': ['Pretoria'],
  'Europe/Kaliningrad': ['Kaliningrad'],
  'Europe/Moscow': ['Moscow', 'St. Petersburg'],
  'Europe/Volgograd': ['Volgograd'],
  'Europe/Samara': ['Samara'],
  'Asia/Kuwait': ['Kuwait'],
  'Asia/Riyadh': ['Riyadh'],
  'Africa/Nairobi': ['Nairobi'],
  'Asia/Baghdad': ['Baghdad'],
  'Asia/Tehran': ['Tehran'],
  'Asia/Muscat': ['Abu Dhabi', 'Muscat'],
  'Asia/Baku': ['Baku'],
  'Asia/Tbilisi': ['Tbilisi'],
  'Asia/Yerevan': ['Yerevan'],
  'Asia/Kabul': ['Kabul'],
  'Asia/Yekaterinburg': ['Ekaterinburg'],
  'Asia/Karachi': ['Islamabad', 'Karachi'],
  'Asia/Tashkent': ['Tashkent'],
  'Asia/Kolkata': ['Chennai', 'Kolkata', 'Mumbai', 'New Delhi'],
  'Asia/Kathmandu': ['Kathmandu'],
  'Asia/Dhaka': ['Astana', 'Dhaka'],
  'Asia/Colombo': ['Sri Jayawardenepura'],
  'Asia/Almaty': ['Almaty'],
  'Asia/Novosibirsk': ['Novosibirsk'],
  'Asia/Rangoon': ['Rangoon'],
  'Asia/Bangkok': ['Bangkok', 'Hanoi'],
  'Asia/Jakarta': ['Jakarta'],
  'Asia/Krasnoyarsk': ['Krasnoyarsk'],
  'Asia/Shanghai': ['Beijing'],
  'Asia/Chongqing': ['Chongqing'],
  'Asia/Hong_Kong': ['Hong Kong'],
  'Asia/Urumqi': ['Urumqi'],
  'Asia/Kuala_Lumpur': ['Kuala Lumpur'],
  'Asia/Singapore': ['Singapore'],
  'Asia/Taipei': ['Taipei'],
  'Australia/Perth': ['Perth'],
  'Asia/Irkutsk': ['Irkutsk'],
  'Asia/Ulaanbaatar': ['Ulaanbaatar', 'Ulaan Bataar'],
  'Asia/Seoul': ['Seoul'],
  'Asia/Tokyo': ['Osaka', 'Sapporo', 'Tokyo'],
  'Asia/Yakutsk': ['Yakutsk'],
  'Australia/Darwin': ['Darwin'],
  'Australia/Adelaide': ['Adelaide'],
  'Australia/Melbourne': ['Melbourne', 'Canberra'],
  'Australia/Sydney': ['Sydney'],
  'Australia/Brisbane': ['Brisbane'],
  'Australia/Hobart': ['Hobart'],
  'Asia/Vladivostok': ['Vladivostok'],
  'Pacific/Guam': ['Guam'],
  'Pacific/Port_Moresby': ['Port Moresby'],
  'Asia/Magadan': ['Magadan'],
  'Asia/Srednekolymsk': ['Srednekolymsk'],
  'Pacific/Guadalcanal': ['Solomon Is.'],
  'Pacific/Noumea': ['New Caledonia'],
  'Pacific/Fiji': ['Fiji'],
  'Asia/Kamchatka': ['Kamchatka'],
  'Pacific/Majuro': ['Marshall Is.'],
  'Pacific/Auckland': ['Auckland', 'Wellington'],
  'Pacific/Tongatapu': ["Nuku'alofa"],
  'Pacific/Fakaofo': ['Tokelau Is.'],
  'Pacific/Chatham': ['Chatham Is.'],
  'Pacific/Apia': ['Samoa'],
};

const ZONE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(RAILS_NAMES).flatMap(([zone, names]) => names.map((name) => [name, zone])),
);

/** The zone of this machine. */
export const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether this machine can tell the time there: an IANA name such as `America/Los_Angeles`. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The IANA name of a zone as Procore names it; null where nobody knows it. */
export function ianaZone(name: string): string | null {
  const known = ZONE_OF.get(name) ?? name;
  return known !== '' && isTimeZone(known) ? known : null;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', ...parts });
  formats.set(timeZone, format);
  return format;
}

/** The calendar date of an instant (milliseconds since 1970) in a zone, such as `2026-03-31`. */
export function dateIn(instant: number, timeZone: string): string {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}
