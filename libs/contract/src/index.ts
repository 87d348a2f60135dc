export { ContractError, ERRORS, type ErrorName } from './errors.js';
export { parseId } from './parse-id.js';
export { ApiErrors, ErrorBody, MessageBody } from './api-errors.js';
