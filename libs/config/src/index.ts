export { AppConfig, renamedSettings, showSettings } from './app-config.js';
export { ConfigError } from './config-error.js';
export { ConfigModule } from './config.module.js';
export { failpoint } from './failpoint.js';
export { SETTINGS } from './settings.js';
export { waitWhileAway } from './start-wait.js';
export { isNamed, nameOfStorage, type S3Target, type StorageTarget } from './storage-url.js';
export { parseSize, parseTimeSpan, type Rate } from './values.js';
export { VERSION } from './version.js';
