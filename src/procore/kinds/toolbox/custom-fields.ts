import * as z from 'zod';
import { shorten } from '../../../domain/base/text';
import { customField } from '../../../domain/kinds/custom-fields';
import type { FieldValue, Fields } from '../../../domain/kinds/record';
import type { DraftLine, RecordDraft } from '../../../domain/request/intent';
import type { JsonObject } from '../../client/json';
import { isList, isObject } from '../../client/json';
import * as s from './schemas';

/** The object of a body in which custom fields would stand. */
interface Held {
  readonly holder?: JsonObject;
}

/** A draft and its lines as a reader makes them, before their custom fields are read and instants become dates. */
export type ReadLine = DraftLine & Held;
export type ReadDraft = Omit<RecordDraft, 'lines' | 'custom'> &
  Held & { readonly lines: readonly ReadLine[] };

/** The mapped custom fields of one object. */
export interface CustomReading {
  readonly values: Fields;
  /** See `CustomLabels`. */
  readonly labels: Readonly<Record<string, string | null>>;
  /** Why values cannot be read, in sentences, by canonical name. */
  readonly unread: Readonly<Record<string, string>>;
}

/** What a choice, a person or a company calls itself; null: it does not say. */
function nameIn(value: unknown): string | null {
  const given = isObject(value) ? [value['label'], value['name'], value['login']] : [value];
  const names = given.map((name) => (typeof name === 'string' ? name.normalize('NFC').trim() : ''));
  return names.find((name) => name !== '') ?? null;
}

/** One of a list, by its name; its id means nothing to an ERP. */
const choice = s.reading('a choice with a label', (value) => {
  if (value === undefined || value === null || value === '') return null;
  return nameIn(value) ?? undefined;
});

const choices = s.reading('choices with labels', (value) => {
  if (value === undefined || value === null) return null;
  const names = isList(value) ? value.map(nameIn) : [null];
  if (names.includes(null)) return undefined;
  return names.length === 0 ? null : names.join(', ');
});

const yesOrNo = z.boolean({ error: 'true or false' }).nullish();

/** `data_type` of a custom field, small letters alone → how its value is read. The OpenAPI shows the types, not all of their values. */
const READERS: Readonly<Record<string, z.ZodType<FieldValue | undefined>>> = {
  string: s.text,
  text: s.text,
  richtext: s.richText,
  decimal: s.decimal,
  integer: s.decimal,
  number: s.decimal,
  currency: s.decimal,
  boolean: yesOrNo,
  checkbox: yesOrNo,
  date: s.date,
  datetime: s.date,
  loventry: choice,
  loventries: choices,
  logininformation: choice,
  logininformations: choices,
  vendor: choice,
  vendors: choices,
};

/** What an approver typed in the export form has no `data_type`. */
const typed = z.union([s.text, s.decimal, yesOrNo], { error: 'text, a number, true or false' });

/** What people call a custom field, where it says so. */
export function labelOf(field: unknown): string | null {
  const { label, name } = isObject(field) ? field : ({} as JsonObject);
  const texts = [label, name].map((text) =>
    typeof text === 'string' ? shorten(text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim(), 60) : '',
  );
  return texts.find((text) => text !== '') ?? null;
}

/**
 * Reads the mapped custom fields of an object: `custom_fields` ("{data_type, value}", by `custom_field_<id>`) and `erp_custom_fields` (plain
 * values). One that is not there is null. `dateOf` turns an instant into a date of the right zone.
 */
export function readCustomFields(
  mapped: Readonly<Record<string, string>>,
  holder: JsonObject = {},
  dateOf: (instant: string) => string,
): CustomReading {
  const { custom_fields: own, erp_custom_fields: form } = holder;
  const held: JsonObject = { ...(isObject(form) ? form : {}), ...(isObject(own) ? own : {}) };
  const values: Record<string, FieldValue> = {};
  const labels: Record<string, string | null> = {};
  const unread: Record<string, string> = {};
  for (const [key, column] of Object.entries(mapped)) {
    const field = Object.hasOwn(held, key) ? held[key] : undefined;
    const label = labelOf(field);
    labels[customField(column)] = label;
    const read = valueOf(field);
    values[customField(column)] =
      'problem' in read ? null : read.isInstant ? dateOf(String(read.value)) : read.value;
    if ('problem' in read) {
      const name = label === null ? key : `"${label}" (${key})`;
      unread[customField(column)] =
        `Custom field ${name} ${read.problem}; it cannot be carried to the column "${column}": put it right in Procore, or take it out of customFields.`;
    }
  }
  return { values, labels, unread };
}

type Read = { readonly value: FieldValue; readonly isInstant: boolean } | { readonly problem: string };

function valueOf(field: unknown): Read {
  const isTyped = isObject(field) && ('data_type' in field || 'value' in field);
  const type = isTyped && typeof field['data_type'] === 'string' ? field['data_type'] : null;
  const letters = type?.toLowerCase().replace(/[^a-z]/g, '') ?? null;
  const given = isTyped ? field['value'] : field;
  const reader = letters === null ? typed : Object.hasOwn(READERS, letters) ? READERS[letters] : undefined;
  if (reader === undefined)
    return isNothing(given)
      ? { value: null, isInstant: false }
      : { problem: `is of the type "${shorten(type ?? '', 40)}", which is not understood` };
  const result = reader.safeParse(given);
  if (!result.success) {
    const expected = result.error.issues[0]?.message ?? 'another value';
    return { problem: `should be ${expected}, and is ${s.describe(given)}` };
  }
  const value = result.data ?? null;
  const isInstant = reader === s.date && typeof value === 'string' && value.length > '2026-03-31'.length;
  return { value, isInstant };
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (isList(value) && value.length === 0);
