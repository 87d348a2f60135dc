import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { fileList } from './state/file-list.svelte.js';
import { router } from './state/router.svelte.js';
import { session } from './state/session.svelte.js';
import { registerWorker } from './worker/register.js';
import { words } from './words/words.svelte.js';

router.start();
void session.open();
// What most visits begin with is asked for beside who is asking, not after it.
if (router.place.screen === '/' && 'known' in document.documentElement.dataset) fileList.begin();
// A language that cannot be fetched leaves the page in English.
await words.use(words.preferred()).catch(() => undefined);
mount(App, { target: document.getElementById('app')! });
void registerWorker();
