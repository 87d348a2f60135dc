import type { OpenAPIObject } from '@nestjs/swagger';

/** So much of a document as is changed here; Nest's own types know OpenAPI 3.0 alone. */
type Json = Record<string, unknown>;
interface Operation {
  security?: Record<string, string[]>[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Json }> };
  responses: Record<string, Response>;
  /** Set by routes whose answers a person's browser gets as pages; not for the document. */
  'x-pages'?: boolean;
}
interface Response {
  $ref?: string;
  headers?: Json;
  content?: Record<string, { schema?: Json }>;
}

const BINARY = 'application/octet-stream';
/** Headers that answers of a status carry. */
const HEADERS = {
  'X-Request-Id': {
    description: 'The id of the request, as it stands in the log',
    schema: { type: 'string', format: 'uuid' },
  },
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 1 } },
  'Content-Range': { description: 'Which bytes of how many', schema: { type: 'string' } },
};
const BY_STATUS: Record<string, (keyof typeof HEADERS)[]> = {
  '206': ['Content-Range'],
  '416': ['Content-Range'],
  '429': ['Retry-After'],
  '503': ['Retry-After'],
};

/**
 * Makes OpenAPI 3.1 of what Nest writes as 3.0: null is a type, bytes are what JSON is not, bodies are required as they are
 * and hold nothing that is not declared; each operation says who may call it and which headers its answers have.
 */
export function modernize(document: OpenAPIObject): OpenAPIObject {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Json>;
  const paths = document.paths as unknown as Record<string, Record<string, Operation>>;
  for (const operations of Object.values(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operation.security = waysIn(operation.security);
      describeBody(operation, schemas);
      for (const [status, response] of Object.entries(operation.responses)) {
        describeAnswer(status, response);
        const isPage = operation['x-pages'] && (Number(status) >= 400 || (method === 'get' && status === '200'));
        if (isPage && response.content) response.content['text/html'] = { schema: { type: 'string' } };
      }
      delete operation['x-pages'];
    }
  }
  walk(schemas);
  walk(paths as unknown as Json);
  document.components = { ...document.components, headers: HEADERS as never };
  return document;
}

/** Whoever may come with a bearer token may come with a browser's cookie. */
function waysIn(declared: Operation['security'] = []): Record<string, string[]>[] {
  return declared.some((way) => 'bearer' in way) ? [...declared, { cookie: [] }] : declared;
}

function describeBody({ requestBody }: Operation, schemas: Record<string, Json>): void {
  if (!requestBody) return;
  for (const [type, { schema }] of Object.entries(requestBody.content ?? {})) {
    const own = typeof schema?.$ref === 'string' ? schemas[schema.$ref.split('/').at(-1)!] : schema;
    if (own?.type !== 'object') continue;
    // An upload may carry fields of which nothing is wanted.
    if (type !== 'multipart/form-data') own.additionalProperties = false;
    requestBody.required = Array.isArray(own.required) && own.required.length > 0;
  }
}

function describeAnswer(status: string, response: Response): void {
  const names: (keyof typeof HEADERS)[] = ['X-Request-Id', ...(BY_STATUS[status] ?? [])];
  const shared = names.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  response.headers = { ...Object.fromEntries(shared), ...response.headers };
  // In 3.1 bytes are what has no schema.
  if (response.content?.[BINARY]) response.content[BINARY] = {};
}

/** Every object in the tree, examples apart. */
function walk(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ((node as Json).nullable === true) allowNull(node as Json);
  for (const [key, child] of Object.entries(node)) if (!/^examples?$/.test(key)) walk(child);
}

function allowNull(schema: Json): void {
  delete schema.nullable;
  if (typeof schema.type === 'string') schema.type = [schema.type, 'null'];
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...(schema.enum as unknown[]), null];
}
