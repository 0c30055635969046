export { erpRequest } from './erp-request';
export { intake } from './intake';
