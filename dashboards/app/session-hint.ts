/**
 * Whether this browser may have a session: its cookie is HttpOnly, so a login leaves a mark here, and who has none is
 * not asked for. The mark gives no access; the server judges the cookie.
 */
const key = 'parkwatch-session';

export function markSession(exists: boolean): void {
  try {
    if (exists) localStorage.setItem(key, '1');
    else localStorage.removeItem(key);
  } catch {
    // A browser that remembers nothing: mayHaveSession() then says yes.
  }
}

export function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return true;
  }
}
