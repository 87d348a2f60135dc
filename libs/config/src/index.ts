export { AppConfig, renamedSettings, showSettings } from './app-config.js';
export { ConfigError } from './config-error.js';
export { ConfigModule } from './config.module.js';
export { failpoint } from './failpoint.js';
export { type Setting, SETTINGS } from './settings.js';
export { parseSize, type Rate } from './values.js';
export { VERSION } from './version.js';
