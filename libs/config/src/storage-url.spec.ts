import { describe, expect, it } from 'vitest';
import { formerStorage, isNamed, nameOfStorage, storageUrl, withoutSecret } from './storage-url.js';

describe('the URL of a store', () => {
  it('says where it is, and with which keys', () => {
    expect(storageUrl('s3://AKIA:a%2Fb%2Bc@s3.example.org/my-drive?region=eu-central-1')).toEqual({
      endpoint: 'https://s3.example.org',
      bucket: 'my-drive',
      region: 'eu-central-1',
      accessKeyId: 'AKIA',
      secretAccessKey: 'a/b+c',
    });
    expect(storageUrl('s3://k:s@[::1]:7480/bucket/?tls=off')).toMatchObject({
      endpoint: 'http://[::1]:7480',
      bucket: 'bucket',
      region: 'us-east-1',
    });
  });

  it.each([
    's3://host/bucket',
    's3://key@host/bucket',
    's3://key:secret@host',
    's3://key:secret@host/',
    's3://key:secret@host/bucket/prefix',
    's3://key:secret@host/Bucket',
    's3://key:secret@host/bucket?tls=no',
    's3://key:secret@host/bucket?prefix=a',
    's3://key:secret@host/bucket#a',
    's3://key:%zz@host/bucket',
    'https://key:secret@host/bucket',
    'bucket',
  ])('is refused, without its secret in the reason: %s', (text) => {
    expect(() => storageUrl(text)).toThrow(/^must look like s3:\/\/key:secret@host:port\/bucket/);
  });

  it.each([
    ['file:', 'file:', true],
    ['file:', 's3://host:1/bucket', false],
    ['s3://k:s@host:1/bucket?tls=off', 's3://host:1/bucket', true],
    ['s3://k:s@host:1/bucket?tls=off', 's3://k:s@host:1/bucket?tls=off', true],
    ['s3://k:s@host:1/bucket?tls=off', 's3://host:1/other', false],
    ['s3://k:s@host:1/bucket?tls=off', 's3://host:2/bucket', false],
    ['s3://k:s@host:1/bucket?tls=off', 'file:', false],
  ])('%s is what an admin calls %s: %s', (setting, text, expected) => {
    expect(isNamed(text, formerStorage(setting))).toBe(expected);
    expect(isNamed(nameOfStorage(formerStorage(setting)), formerStorage(setting))).toBe(true);
  });

  it('is shown without the secret', () => {
    expect(withoutSecret('s3://key:s3cret@host:7480/bucket?tls=off')).toBe('s3://key:***@host:7480/bucket?tls=off');
  });
});
