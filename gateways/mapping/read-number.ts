const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

/** A number, or text that is one from its first to its last character; null for anything else. */
export function readNumber(given: unknown): number | null {
  if (typeof given === 'number') return Number.isFinite(given) ? given : null;
  if (typeof given !== 'string') return null;
  const text = given.trim();
  if (text.length > 64 || !numberText.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
