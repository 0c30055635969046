export { syncRequest } from './sync-request';
export { intake } from './intake';
export { reconcile } from './reconcile';
export { sweep } from './sweep';
