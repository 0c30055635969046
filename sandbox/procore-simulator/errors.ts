import type { JsonObject } from './json';

/**
 * An answer that is not a success. Bodies take the shapes that occur in the wild
 * (Procore guide "Error Reference").
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Record<string, string> = {},
  ) {
    super(`HTTP ${status}: ${JSON.stringify(body)}`);
  }
}

export type FieldErrors = Record<string, string[]>;

/** `{"errors": {"name": ["can't be blank"]}}` */
export function invalid(errors: FieldErrors, status = 422): ApiError {
  return new ApiError(status, { errors });
}

/** `{"errors": "text"}` */
export function refused(status: number, text: string): ApiError {
  return new ApiError(status, { errors: text });
}

/** `{"message": "…", "exception": "…"}` */
export function notFound(message: string): ApiError {
  return new ApiError(404, { message, exception: 'ActiveRecord::RecordNotFound' });
}

/** Standard body of v2 endpoints. */
export function refusedV2(
  status: number,
  code: string,
  message: string,
  details: JsonObject[] = [],
): ApiError {
  return new ApiError(status, { error: { code, message, details } });
}

/** A user action or control call that cannot be done in the present state. */
export class ActionRefused extends Error {
  constructor(
    message: string,
    readonly status = 422,
  ) {
    super(message);
  }
}
