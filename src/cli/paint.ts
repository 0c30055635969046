import type pc from 'picocolors';

/** Colours for text; plain where nobody sees them. */
export type Paint = ReturnType<typeof pc.createColors>;
