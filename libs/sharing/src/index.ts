export { REFUSALS } from './access-policy.js';
export { AdminLinksModule } from './admin-links.module.js';
export { AdoptedLinks } from './adopted-links.js';
export { AdminLinksService, type LinkFilter } from './admin-links.service.js';
export { errorPageAnswer, wantsPage } from './pages/pages.js';
export { SharingModule } from './sharing.module.js';
