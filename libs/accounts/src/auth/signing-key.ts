import { createSecretKey, type KeyObject } from 'node:crypto';
import { AppConfig } from '@app/config';
import { readOrCreateSecret } from '@app/data-directory';
import type { FactoryProvider } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The token of the key that signs and verifies session tokens. */
export const SIGNING_KEY = Symbol('signing key');

/** A KeyObject, because jsonwebtoken would derive one from a string anew at every request, at fifty times the cost. */
export const signingKeyProvider: FactoryProvider<KeyObject> = {
  provide: SIGNING_KEY,
  // Only after the database: a secret without one is what a drive leaves that has lost it.
  inject: [AppConfig, DataSource],
  useFactory: ({ jwtSecret, dataDir }: AppConfig) =>
    createSecretKey(Buffer.from(jwtSecret ?? readOrCreateSecret(dataDir))),
};
