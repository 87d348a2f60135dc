export { errorPageAnswer, wantsPage } from './pages/pages.js';
export { SharingModule } from './sharing.module.js';
