import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiExtraModels, ApiResponse } from '@nestjs/swagger';
import { codeOf, ERRORS, type ErrorName } from './errors.js';

/** Figures that stand beside some errors: of a limit that is in the way, or of what is asked to be confirmed. */
const FIGURES = [
  'currentFiles',
  'maxFiles',
  'currentStorage',
  'maxStorage',
  'fileSize',
  'currentAccesses',
  'maxAccesses',
  'count',
  'offset',
];

/** The body of every error. */
export class ErrorBody {
  @ApiProperty({ type: String, example: ERRORS.fileNotFound.text })
  error: string;

  @ApiProperty({ type: String, example: codeOf('fileNotFound'), description: 'What programs compare; never changes' })
  code: string;

  @ApiPropertyOptional({ type: String, example: '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d' })
  requestId?: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'What is wrong, by field' })
  details?: Record<string, unknown>;

  @ApiPropertyOptional({ type: String, description: 'The unfinished upload that holds the name' })
  uploadId?: string;
}

for (const figure of FIGURES) {
  ApiPropertyOptional({ type: 'integer', format: 'int64', minimum: 0 })(ErrorBody.prototype, figure);
}

/** The plain answer of an operation that has nothing else to say. */
export class MessageBody {
  @ApiProperty({ type: String })
  message: string;
}

/**
 * Documents the errors that a route can answer with, grouped by status, each with its text as an example.
 * A map gives an error the fields that stand beside its text.
 */
export function ApiErrors(
  ...names: (ErrorName | [ErrorName, Record<string, unknown>])[]
): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, Record<string, { summary: string; value: Record<string, unknown> }>>();
  for (const entry of names) {
    const [name, fields] = typeof entry === 'string' ? [entry, {}] : entry;
    const { status, text } = ERRORS[name];
    const value = { error: text, code: codeOf(name), ...fields };
    byStatus.set(status, { ...byStatus.get(status), [name]: { summary: value.error, value } });
  }
  return applyDecorators(
    ApiExtraModels(ErrorBody),
    ...[...byStatus].map(([status, examples]) =>
      ApiResponse({
        status,
        description: Object.values(examples)
          .map(({ value }) => value.error)
          .join(' · '),
        // Not as `content`: of two decorators on one route the later would replace the examples of the former.
        type: ErrorBody,
        examples,
      }),
    ),
  );
}
