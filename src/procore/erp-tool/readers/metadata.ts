import * as z from 'zod';
import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { readWith } from '../reader';

/** Procore asks for the metadata configuration; whatever the request carries, the answer is the whole of it. */
export const METADATA_READERS = {
  sync_metadata: readWith(z.unknown(), () => ({
    subject: 'metadata configuration',
    intent: { kind: 'metadata' },
  })),
} as const satisfies Partial<Record<EventName, EventReader>>;
