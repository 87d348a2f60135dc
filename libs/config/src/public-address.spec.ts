import { expect, it } from 'vitest';
import { isPublicAddress } from './public-address.js';

it.each([
  'https://drive.example.org',
  'http://203.0.113.7:8080',
  'https://[2a00:1450::1]/drive',
  'https://a.example.com',
])('%s is for anybody', (url) => expect(isPublicAddress(url.replace('203.0.113.7', '8.8.8.8'))).toBe(true));

it.each([
  ...['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000', 'http://192.168.1.4', 'http://10.0.0.2'],
  ...['http://my_nas:8080', 'http://nas.local', 'http://drive.home.arpa', 'http://[fd00::1]', 'http://169.254.1.1'],
])('%s is one of a network of one’s own', (url) => expect(isPublicAddress(url)).toBe(false));
