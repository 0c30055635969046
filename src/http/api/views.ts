import { z } from 'zod';
import type { SavedView } from '../../desk/requests/views';
import type { Visitor } from '../../domain/people/access';
import type { Feature } from './api';
import { visitorOf } from './api';

/** What is behind saved views. */
export interface ViewsSource {
  views(person: Visitor): Promise<readonly SavedView[]>;
  /** Throws `DeskRefusal`. */
  saveView(person: Visitor, view: { readonly name: string; readonly query: string }): Promise<SavedView>;
  removeView(person: Visitor, name: string): Promise<void>;
}

const name = z
  .string()
  .min(1)
  .max(60)
  .regex(/^\S(.*\S)?$/, 'it begins and ends with a character');
const view = z.object({ name: z.string(), query: z.string(), savedAt: z.iso.datetime() });
const named = z.object({ name });

/** `GET /api/views`, `PUT` and `DELETE /api/views/:name`: each person has their own. */
export const viewsFeature =
  (source: ViewsSource): Feature =>
  (api) => {
    const known = { config: { roles: 'known' } } as const;
    api.get(
      '/views',
      { ...known, schema: { response: { 200: z.object({ views: z.array(view).readonly() }) } } },
      async (request) => ({ views: await source.views(visitorOf(request)) }),
    );
    api.put(
      '/views/:name',
      {
        ...known,
        bodyLimit: 16 * 1024,
        schema: {
          params: named,
          /** As it stands in the address of the list. */
          body: z.strictObject({ query: z.string().max(2_000) }),
          response: { 200: view },
        },
      },
      (request) =>
        source.saveView(visitorOf(request), { name: request.params.name, query: request.body.query }),
    );
    api.delete(
      '/views/:name',
      { ...known, schema: { params: named, response: { 204: z.null() } } },
      async (request, reply) => {
        await source.removeView(visitorOf(request), request.params.name);
        return reply.code(204).send(null);
      },
    );
  };
