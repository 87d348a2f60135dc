import { afterAll, beforeAll } from 'vitest';
import { Ceph } from '../support/ceph.js';
import { describeWith } from '../support/engines.js';
import { s3Place } from './s3-place.js';
import { describeStorage } from './storage.contract.js';

describeWith('ceph', 'on Ceph', () => {
  let ceph: Ceph;

  beforeAll(async () => {
    ceph = await Ceph.start();
  });
  afterAll(() => ceph.stop());

  describeStorage('the storage in an S3 store', () => s3Place(ceph.url('')));
});
