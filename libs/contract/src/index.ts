export { ApiErrors, ErrorBody, MessageBody } from './api-errors.js';
export { ContractError, type ErrorName, ERRORS } from './errors.js';
