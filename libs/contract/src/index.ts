export { ApiErrors, ErrorBody, MessageBody } from './api-errors.js';
export { codeOf, ContractError, type ErrorName, ERRORS } from './errors.js';
