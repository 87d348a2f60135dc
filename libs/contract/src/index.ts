export { ContractError, ERRORS, type ErrorName } from './errors.js';
export { JsonBodyGuard } from './json-body.guard.js';
export { parseId } from './parse-id.js';
export { ApiErrors, ErrorBody, MessageBody } from './api-errors.js';
