/**
 * RFC 8785 canonical JSON: no white space, keys by UTF-16 code units, numbers and strings as ECMAScript writes them.
 * Written out here because the verifier depends on nothing.
 * @throws Error when the value has no canonical form (not a JSON value, not finite, half a surrogate pair)
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!isWellFormed(value)) throw new Error('A text holds half a surrogate pair');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object') throw new Error(`A ${typeof value} has no JSON form`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // Plain comparison of strings is by UTF-16 code units, as the RFC wants.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${canonical(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}
