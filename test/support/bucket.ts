import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { clientOf } from './ceph.js';
import { type DiskBlob, sha256 } from './violations.js';

/** A bucket, looked at from outside. */
export class BucketView {
  readonly at: { readonly Bucket: string };
  private readonly client: S3Client;

  /** @param url as `STORAGE_URL` has it */
  constructor(readonly url: string) {
    this.client = clientOf(url);
    this.at = { Bucket: new URL(url).pathname.slice(1) };
  }

  async objects(): Promise<string[]> {
    const keys: string[] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await this.client.send(new ListObjectsV2Command({ ...this.at, ContinuationToken: token }));
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      token = page.NextContinuationToken;
    }
    return keys;
  }

  /** Keys of uploads in parts that are not finished. */
  async multiparts(): Promise<string[]> {
    return (await this.partial()).map(({ Key }) => Key!);
  }

  /** Keys of what is a file's, or might be. */
  async keys(): Promise<string[]> {
    return (await this.objects()).filter((key) => !key.startsWith('.'));
  }

  /** By key. */
  async blobs(): Promise<DiskBlob[]> {
    const look = async (key: string) => {
      const bytes = await this.bytes(key);
      return bytes ? [{ key, size: bytes.length, sha256: sha256(bytes) }] : [];
    };
    return (await Promise.all((await this.keys()).map(look))).flat();
  }

  /** What uploads that are not published have left, or need. */
  async unfinished(): Promise<string[]> {
    return [...(await this.multiparts()), ...(await this.objects()).filter((key) => key.startsWith('.uploads/'))];
  }

  async bytes(key: string): Promise<Buffer | undefined> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.at, Key: key }));
      return Buffer.from(await Body!.transformToByteArray());
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** @param uploadId of the upload that is to have made it */
  async put(key: string, bytes: string | Buffer, uploadId?: string): Promise<void> {
    const Metadata: Record<string, string> = uploadId ? { 'defdrive-upload': uploadId } : {};
    await this.client.send(new PutObjectCommand({ ...this.at, Key: key, Body: bytes, Metadata }));
  }

  /** Begins an upload in parts that nobody will end. */
  async beginParts(key: string): Promise<void> {
    await this.client.send(new CreateMultipartUploadCommand({ ...this.at, Key: key }));
  }

  /** Ends it, as nobody else will. */
  async endParts(key: string): Promise<void> {
    for (const { Key, UploadId } of await this.partial())
      if (Key === key) await this.client.send(new AbortMultipartUploadCommand({ ...this.at, Key, UploadId }));
  }

  async remove(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ ...this.at, Key: key }));
  }

  async wipe(): Promise<void> {
    for (const key of await this.objects()) await this.remove(key);
    for (const { Key, UploadId } of await this.partial())
      await this.client.send(new AbortMultipartUploadCommand({ ...this.at, Key, UploadId }));
  }

  close(): void {
    this.client.destroy();
  }

  private async partial() {
    return (await this.client.send(new ListMultipartUploadsCommand(this.at))).Uploads ?? [];
  }
}
