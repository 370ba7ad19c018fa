import type { Quality } from '#schemas/reading.ts';

/**
 * OPC UA status codes (Part 4, 7.39), as far as a reading needs them:
 *
 *   bits 31-30  severity: 00 good, 01 uncertain, 10 bad, 11 reserved
 *   bits 11-10  01: bits 9-0 tell of a DataValue
 *   bit 7       of those: overflow, the server's queue lost values before this one
 */
const severityShift = 30;
const infoTypeMask = 0x0c00;
const infoTypeDataValue = 0x0400;
const overflowBit = 0x80;

/** The quality that a status code's severity stands for. */
export function qualityOf(statusCode: number): Quality {
  const severity = statusCode >>> severityShift;
  if (severity === 0) return 'good';
  return severity === 1 ? 'uncertain' : 'bad';
}

/** Whether the server says that its queue for the node overflowed before this value. */
export function hasOverflowed(statusCode: number): boolean {
  return (statusCode & infoTypeMask) === infoTypeDataValue && (statusCode & overflowBit) !== 0;
}
