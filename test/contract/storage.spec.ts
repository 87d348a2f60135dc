import { localPlace } from './local-place.js';
import { describeStorage } from './storage.contract.js';

describeStorage('the storage on the local disk', localPlace);
