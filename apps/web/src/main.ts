import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { router } from './state/router.svelte.js';
import { session } from './state/session.svelte.js';
import { registerWorker } from './worker/register.js';
import { words } from './words/words.svelte.js';

router.start();
void session.open();
// A language that cannot be fetched leaves the page in English.
await words.use(words.preferred()).catch(() => undefined);
mount(App, { target: document.getElementById('app')! });
void registerWorker();
