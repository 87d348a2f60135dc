export { type AnsweredRequest, Metrics, type Reading } from './metrics.js';
