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
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router takes it as an answer
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

const records = createRoute({
  getParentRoute: () => root,
  path: '/records',
  validateSearch: texts,
  component: lazyRouteComponent(() => import('../features/records/records-page'), 'RecordsPage'),
});

const record = createRoute({
  getParentRoute: () => root,
  path: '/records/$connection/$kind/$id',
  component: lazyRouteComponent(() => import('../features/records/record-page'), 'RecordPage'),
});

const payroll = createRoute({
  getParentRoute: () => root,
  path: '/payroll',
  component: lazyRouteComponent(() => import('../features/payroll/payroll-page'), 'PayrollPage'),
});

const period = createRoute({
  getParentRoute: () => root,
  path: '/payroll/$connection/$name',
  component: lazyRouteComponent(() => import('../features/payroll/period-page'), 'PeriodPage'),
});

const connections = createRoute({
  getParentRoute: () => root,
  path: '/connections',
  component: lazyRouteComponent(() => import('../features/connections/connections-page'), 'ConnectionsPage'),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: texts,
  component: lazyRouteComponent(() => import('../features/audit/audit-page'), 'AuditPage'),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  component: lazyRouteComponent(() => import('../features/rules/rules-page'), 'RulesPage'),
});

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: texts,
  component: lazyRouteComponent(() => import('../features/login/login-page'), 'LoginPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    inbox,
    request,
    stuck,
    records,
    record,
    payroll,
    period,
    connections,
    audit,
    rules,
    login,
  ]),
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
