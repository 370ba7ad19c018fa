import type { Problem } from '#schemas/api/common.ts';

/** An answer of the API that is no success, with its stable code (RFC 9457). */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: NonNullable<Problem['errors']>;

  constructor(problem: Pick<Problem, 'code' | 'status' | 'title'> & Partial<Problem>) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiProblem';
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors ?? [];
  }
}

/** What the console itself calls an answer that never came, or that is no problem+json. */
export const offlineCode = 'offline';

type QueryValue = string | number | boolean | null | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

const base = '/api/v1';

/** Query string without the parameters that have no value. */
export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const body = (await response.json()) as Problem;
    if (typeof body.code === 'string') return new ApiProblem(body);
  } catch {
    // Not JSON: a proxy answered for the API; its status is all there is.
  }
  return new ApiProblem({
    code: response.status >= 500 ? 'unavailable' : `http-${response.status}`,
    status: response.status,
    title: response.statusText,
  });
}

/**
 * One request to `/api/v1`; the session is the HttpOnly cookie, so no token is kept in the page.
 * @throws ApiProblem for every answer that is no success, code `offline` when none came
 */
export function call<T>({ method, path, query = {}, body, signal }: Call): Promise<T> {
  const init: RequestInit = { method, credentials: 'same-origin', signal: signal ?? null };
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  return send<T>(`${base}${path}${queryString(query)}`, init);
}

/** Sends a file as it is. @throws ApiProblem like {@link call} */
export function upload<T>(sent: { path: string; query: Query; file: Blob; type: string }): Promise<T> {
  const { path, query, file, type } = sent;
  const headers = { 'content-type': type };
  const init: RequestInit = { method: 'POST', credentials: 'same-origin', headers, body: file };
  return send<T>(`${base}${path}${queryString(query)}`, init);
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem({ code: offlineCode, status: 0, title: String(error) });
  }
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
