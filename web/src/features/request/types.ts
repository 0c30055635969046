import type { AnswerTo } from '../../lib/api';

/** The page of a request as the daemon answers it. */
export type Page = AnswerTo<'/api/requests/{connection}/{source}/{name}'>;
export type Plan = NonNullable<Page['plan']>;
export type Operation = Plan['operations'][number];
export type Lines = Operation['lines'][number];
export type Line = Lines['lines'][number];
export type Value = Line['values'][string];
export type Difference = NonNullable<Page['difference']>;
export type Budget = Page['budgets'][number];
