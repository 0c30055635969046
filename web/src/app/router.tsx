import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { parseSearch, stringifySearch } from '../lib/search-params';
import { NotFound } from './not-found';
import { Shell } from './shell';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox' });
  },
});

const texts = (search: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  validateSearch: texts,
  component: lazyRouteComponent(() => import('../features/inbox/inbox-page'), 'InboxPage'),
});

const request = createRoute({
  getParentRoute: () => root,
  path: '/requests/$connection/$source/$name',
  component: lazyRouteComponent(() => import('../features/request/request-page'), 'RequestPage'),
});

const stuck = createRoute({
  getParentRoute: () => root,
  path: '/stuck',
  component: lazyRouteComponent(() => import('../features/stuck/stuck-page'), 'StuckPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([home, inbox, request, stuck]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
