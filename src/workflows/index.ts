export { syncRequest } from './sync-request';
export { intake } from './intake';
export { sweep } from './sweep';
