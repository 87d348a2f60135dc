import type { S3Target } from '@app/config';
import { S3Client } from '@aws-sdk/client-s3';

/** Milliseconds to reach the store, and to get the head of an answer. A part of an upload may take longer on a slow line. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 15_000;
export const PART_MS = 60_000;
/** Each download holds one for as long as it takes. */
const MOST_SOCKETS = 2_048;
/** Tries of a request that can be repeated: after 5xx, SlowDown, and a connection that broke. */
const ATTEMPTS = 4;

/** The client for a store. The checksums that it makes by default break streams on stores that are in use. */
export function createClient({ endpoint, region, accessKeyId, secretAccessKey }: S3Target): S3Client {
  const agent = { keepAlive: true, maxSockets: MOST_SOCKETS };
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}
