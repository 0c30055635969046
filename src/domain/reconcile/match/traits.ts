import { phoneDigits, sharedText } from '../../kinds/likeness';
import { textIn } from '../../kinds/record';
import type { SideRecord } from '../side-record';
import type { Alias } from './name';
import { aliasesOf } from './name';

/** What there is to recognise: `name`, `email`, `code` and the like of a record. */
export type Recognised = Pick<SideRecord, 'key' | 'record' | 'state'>;

/** What a company, a job or a person is recognised by, in the form in which it is compared. Empty or null: says nothing. */
export interface Traits {
  readonly record: Recognised;
  readonly aliases: readonly Alias[];
  /** Digits in the whole name: of a branch, of a phase. */
  readonly digits: string;
  /** Keyed hash of the tax id, which itself is never here. */
  readonly tax: string | null;
  readonly phone: string | null;
  readonly emails: readonly string[];
  /** Internet domains of their own: of the e-mail and of the web site. */
  readonly domains: readonly string[];
  /** House number and postal code, `1200 98101`. */
  readonly place: string | null;
  readonly postalCode: string | null;
  readonly state: string | null;
  /** Number without what a mask adds. */
  readonly number: string | null;
}

/** Mailboxes and pages that anybody can have. */
const PUBLIC = new Set(
  (
    'gmail.com googlemail.com yahoo.com yahoo.ca ymail.com rocketmail.com hotmail.com hotmail.ca outlook.com live.com live.ca msn.com aol.com ' +
    'icloud.com me.com mac.com proton.me protonmail.com gmx.com gmx.net mail.com zoho.com fastmail.com juno.com netzero.net earthlink.net ' +
    'comcast.net xfinity.com att.net sbcglobal.net bellsouth.net pacbell.net verizon.net cox.net charter.net spectrum.net optonline.net ' +
    'frontier.com frontiernet.net centurylink.net centurytel.net q.com qwest.net windstream.net embarqmail.com roadrunner.com rr.com ' +
    'suddenlink.net tds.net rogers.com bell.net sympatico.ca shaw.ca telus.net videotron.ca eastlink.ca bigpond.com optusnet.com.au ' +
    'btinternet.com facebook.com linkedin.com instagram.com yelp.com wixsite.com godaddysites.com squarespace.com business.site'
  ).split(' '),
);

export function traitsOf(record: Recognised, tax: string | null): Traits {
  const field = (name: string): string => textIn(record.record, name);
  const emails = emailsIn(field('email'));
  const postalCode = postalCodeIn(field('postalCode'));
  const house = /(?<![\p{L}\p{N}])\d+\p{L}?(?![\p{L}\p{N}])/u.exec(field('address'))?.[0].toUpperCase();
  const aliases = aliasesOf(field('name'));
  return {
    record,
    aliases,
    digits: field('name').normalize('NFKD').replace(/\P{N}/gu, ''),
    tax,
    phone: phoneIn(field('phone')),
    emails,
    domains: domainsIn(emails, field('website')),
    place: house === undefined || postalCode === null ? null : `${house} ${postalCode}`,
    postalCode,
    state: sharedText(field('stateCode')),
    number: numberIn(field('code')),
  };
}

/** `000-000-0000` is no number. */
const phoneIn = (value: string): string | null => {
  const digits = phoneDigits(value);
  return digits === null || /^(\d)\1*$/.test(digits) ? null : digits;
};

const emailsIn = (value: string): readonly string[] => [
  ...new Set(
    value
      .toLowerCase()
      .split(/[\s,;<>]+/)
      .filter((part) => /^[^@]+@[^@]+\.[^@]+$/.test(part)),
  ),
];

function domainsIn(emails: readonly string[], website: string): readonly string[] {
  const host = /^(?:[a-z]+:\/\/)?(?:www\.)?([^\s/?#:]+\.[^\s/?#:.]+)/i
    .exec(website.trim())?.[1]
    ?.toLowerCase();
  const domains = [...emails.map((email) => email.slice(email.indexOf('@') + 1)), ...(host ? [host] : [])];
  return [...new Set(domains.filter((domain) => !PUBLIC.has(domain)))];
}

/** Of a ZIP code with four digits more, the ZIP code. */
const postalCodeIn = (value: string): string | null => {
  const code = value.toUpperCase().replace(/[\s-]/g, '');
  if (code === '') return null;
  return /^\d{9}$/.test(code) ? code.slice(0, 5) : code;
};

/** `0010442`, `10-442` and `10442` are one number. */
const numberIn = (value: string): string | null =>
  value
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/^0+(?=.)/, '') || null;

const SHAREABLE = ['tax', 'phone', 'emails', 'domains'] as const;
export type Shareable = (typeof SHAREABLE)[number];

/** Values that several records of one side have: a switchboard, the office of a group. By `sharedName`. */
export function sharedIn(side: readonly Traits[]): ReadonlySet<string> {
  const [seen, shared] = [new Set<string>(), new Set<string>()];
  for (const traits of side)
    for (const trait of SHAREABLE)
      for (const value of [traits[trait] ?? []].flat()) {
        const name = sharedName(trait, value);
        if (seen.has(name)) shared.add(name);
        seen.add(name);
      }
  return shared;
}

export const sharedName = (trait: Shareable, value: string): string => `${trait} ${value}`;
