export { syncRequest } from './sync-request';
export { intake } from './intake';
export { payPeriod } from './pay-period';
export { payroll } from './payroll';
export { reconcile } from './reconcile';
export { sweep } from './sweep';
