import { mount } from 'svelte';
import './styles/theme.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/parts.css';
import './styles/forced-colours.css';
import App from './App.svelte';
import { keepFocus } from './parts/keep-focus.js';
import { fileList } from './state/file-list.svelte.js';
import { router } from './state/router.svelte.js';
import { session } from './state/session.svelte.js';
import { registerWorker } from './worker/register.js';
import { words } from './words/words.svelte.js';

/** Milliseconds for which who is asking is waited for: what was asked ahead is there at once, and then nothing is drawn twice. */
const AT_ONCE = 50;

router.start();
keepFocus();
const opened = session.open();
const known = 'known' in document.documentElement.dataset;
// What most visits begin with is asked for beside who is asking, not after it.
if (router.place.screen === '/' && known) fileList.begin();
await Promise.all([
  // A language that cannot be fetched leaves the page in English.
  words.use(words.preferred()).catch(() => undefined),
  known && Promise.race([opened, new Promise((resolve) => setTimeout(resolve, AT_ONCE))]),
]);
mount(App, { target: document.getElementById('app')! });
void registerWorker();
