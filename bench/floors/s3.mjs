// Peers of the drive on S3: the client alone, with nothing kept of it. A module for `Remote`.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { listen } from '../support/listen.mjs';
import { answerCalls } from '../support/remote.mjs';

const PART = 5 * 1024 * 1024;
/** As the SDK's own Upload has them. */
const AT_ONCE = 4;

let client;
let Bucket;

async function open({ endpoint, keys }, bucket) {
  Bucket = bucket;
  client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: keys,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await makeBucket(bucket);
}

async function makeBucket(name) {
  await client.send(new CreateBucketCommand({ Bucket: name }));
}

/** A server that takes a plain body, hashes it, and sends it on in parts, four at once. @returns its URL */
async function serve() {
  const server = createServer((request, response) => void answer(request, response));
  server.requestTimeout = 0;
  return listen(server);
}

async function answer(request, response) {
  const Key = request.url.slice(1);
  try {
    if (request.method === 'GET') {
      const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key }));
      response.writeHead(200, { 'content-length': ContentLength });
      return void Body.pipe(response);
    }
    if (request.method === 'PUT') await store(request, Key);
    if (request.method === 'DELETE') await client.send(new DeleteObjectCommand({ Bucket, Key }));
    response.end();
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}

async function store(request, Key) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const hash = createHash('sha256');
  /** @type {import('@aws-sdk/client-s3').CompletedPart[]} */
  const parts = [];
  const underWay = new Set();
  let held = /** @type {Buffer[]} */ ([]);
  let length = 0;
  let count = 0;
  const flush = async () => {
    const body = Buffer.concat(held);
    [held, length] = [[], 0];
    const PartNumber = (count += 1);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    const sent = client
      .send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: body }))
      .then(({ ETag }) => (parts[PartNumber - 1] = { PartNumber, ETag }));
    underWay.add(sent);
    void sent.finally(() => underWay.delete(sent));
  };
  for await (const chunk of request) {
    hash.update(chunk);
    held.push(chunk);
    length += chunk.length;
    if (length >= PART) await flush();
  }
  if (length > 0) await flush();
  await Promise.all(underWay);
  hash.digest('hex');
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }));
}

answerCalls({ open, makeBucket, serve });
