import type { $ZodError, $ZodIssue, $ZodRawIssue } from 'zod/v4/core';
import type { FieldError } from './errors.ts';

/** Parse with these: a field that is missing is told as such. */
export const parseOptions = {
  error: (issue: $ZodRawIssue) =>
    (issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined
      ? 'is needed'
      : undefined,
} as const;

/** One fault that zod found. */
export interface FieldFault {
  readonly segments: readonly (string | number)[];
  readonly message: string;
  /** The field itself should not be there. */
  readonly unknownField: boolean;
}

/** The faults that zod found, one for each field; unknown fields by their own names. */
export function toFieldFaults(error: $ZodError): FieldFault[] {
  return error.issues.flatMap(faultsOf);
}

function faultsOf(issue: $ZodIssue): FieldFault[] {
  const segments = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') return [{ segments, message: issue.message, unknownField: false }];
  return issue.keys.map((key) => ({
    segments: [...segments, key],
    message: `"${key}" is not a field here`,
    unknownField: true,
  }));
}

/** RFC 6901. */
export function toPointer(segments: readonly (string | number)[]): string {
  return segments.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** As they stand in a problem; `base` is what the pointers start with. */
export function toFieldErrors(error: $ZodError, base: string): FieldError[] {
  return toFieldFaults(error).map(({ segments, message }) => ({ path: base + toPointer(segments), message }));
}
