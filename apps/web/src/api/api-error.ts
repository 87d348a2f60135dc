/** An answer that is no success, or none at all. */
export class ApiError extends Error {
  constructor(
    /** 0 where the server could not be reached. */
    readonly status: number,
    /** The catalogue's name, such as `file_not_found`; `offline` where nobody answered. */
    readonly code: string,
    message: string,
    /** The whole body: figures of a limit, `details`, `requestId`. */
    readonly body: Record<string, unknown> = {},
    /** Seconds after which another try makes sense. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  static async of(response: Response): Promise<ApiError> {
    const body = await bodyOf(response);
    const retryAfter = Number(response.headers.get('retry-after')) || undefined;
    return ApiError.from(response.status, body, retryAfter);
  }

  /** From a body that was read already. */
  static from(status: number, body: Record<string, unknown>, retryAfter?: number): ApiError {
    const text = typeof body.error === 'string' ? body.error : `HTTP ${status}`;
    const code = typeof body.code === 'string' ? body.code : codeOf(status);
    return new ApiError(status, code, text, body, retryAfter);
  }

  static offline(): ApiError {
    return new ApiError(0, 'offline', 'The server cannot be reached');
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 423 || this.status === 429 || this.status >= 502;
  }
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    // A proxy before the server answers in its own words.
    return {};
  }
}

function codeOf(status: number): string {
  return status >= 502 && status <= 504 ? 'unavailable' : 'unknown';
}
