import { z } from 'zod';

/** A parameter that may be given several times: given once, it is a list of one. */
export const several = <T extends z.ZodType>(of: T) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(of).max(50).optional(),
  );

export const yes = z.enum(['true', 'false']).transform((word) => word === 'true');

/** What became of one request of several. */
export const eachOutcome = z.object({
  connectionId: z.string(),
  id: z.string(),
  done: z.boolean(),
  /** In one sentence. */
  message: z.string(),
  /** Why not; null: it was done. */
  code: z.string().nullable(),
  /** Until when it can be withdrawn; null: it cannot. */
  undo: z.iso.datetime().nullable(),
});
