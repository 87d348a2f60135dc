export { AppConfig, type Rate } from './app-config.js';
export { ConfigError } from './config-error.js';
export { ConfigModule } from './config.module.js';
export { failpoint } from './failpoint.js';
