import { isBundleFresh, loadBundle } from './bundle.js';

const { run } = isBundleFresh() ? loadBundle().program : await import('./program.js');
await run();
