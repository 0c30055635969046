export { syncRequest } from './sync-request';
export { intake } from './intake';
