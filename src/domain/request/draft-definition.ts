import type { KindDefinition } from '../kinds';
import { definitionOf } from '../kinds';
import { withCustomFields } from '../kinds/custom-fields';
import type { RecordDraft } from './intent';

/** The fields of a draft as Procore knows them: those of its kind, and its mapped custom fields. */
export const definitionOfDraft = ({ kind, custom }: Pick<RecordDraft, 'kind' | 'custom'>): KindDefinition =>
  custom === undefined ? definitionOf(kind) : withCustomFields(definitionOf(kind), custom);
