import type { DetailedError, HttpResponse, Upload as Tus } from 'tus-js-client';
import { ApiError } from '../api/api-error.js';
import { addressOf } from '../state/place.js';
import type { Upload } from './upload.svelte.js';

export interface Listener {
  /** It has an address on the server. */
  addressed(url: string): void;
  progressed(sent: number): void;
  done(fileId: number | undefined): void;
  failed(error: ApiError): void;
}

/**
 * Sends a file, from where the server has it on. The program for that is fetched with the first upload.
 * @returns what stops it; the bytes that arrived stay with the server
 */
export async function send(upload: Upload, listener: Listener): Promise<() => void> {
  const { Upload: Sender } = await import('tus-js-client');
  let last: HttpResponse | undefined;
  const sender: Tus = new Sender(upload.file!, {
    endpoint: addressOf('api/uploads'),
    uploadUrl: upload.url ?? null,
    metadata: { filename: upload.name },
    // When to try again is decided by the queue, which can say so.
    retryDelays: null,
    storeFingerprintForResuming: false,
    onUploadUrlAvailable: () => {
      // The server may not know below which path it stands.
      sender.url = addressOf(`api/uploads/${sender.url!.split('/').at(-1)!}`);
      listener.addressed(sender.url);
    },
    onAfterResponse: (_request, response) => void (last = response),
    onProgress: (sent) => listener.progressed(sent),
    onSuccess: () => listener.done(fileIdOf(last)),
    onError: (error) => listener.failed(errorOf(error as DetailedError)),
  });
  sender.start();
  return () => void sender.abort();
}

function fileIdOf(response: HttpResponse | undefined): number | undefined {
  return Number(response?.getHeader('Content-Location')?.split('/').at(-1)) || undefined;
}

function errorOf({ originalResponse: response }: DetailedError): ApiError {
  if (!response) return ApiError.offline();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(response.getBody()) as Record<string, unknown>;
  } catch {
    // Not from our server, or to a HEAD.
  }
  return ApiError.from(response.getStatus(), body, Number(response.getHeader('Retry-After')) || undefined);
}

/** Ends an upload on the server, with all that has arrived. */
export async function discard(url: string): Promise<void> {
  const headers = { 'tus-resumable': '1.0.0' };
  await fetch(url, { method: 'DELETE', headers }).catch(() => undefined);
}
