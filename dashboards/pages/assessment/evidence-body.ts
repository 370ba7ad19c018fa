/** The period that a sealed body names; empty when it names none. */
export function periodOfBody(
  body: Readonly<Record<string, unknown>>,
): { from: string; to: string } | Record<string, never> {
  const period = body['period'];
  if (typeof period !== 'object' || period === null || !('from' in period) || !('to' in period)) return {};
  const { from, to } = period;
  return typeof from === 'string' && typeof to === 'string' ? { from, to } : {};
}
