import { afterEach, describe, expect, test, vi } from 'vitest';
import { ApiProblem, call, queryString } from '#dashboards/app/client.ts';

afterEach(() => vi.unstubAllGlobals());

function answer(body: string, init: ResponseInit) {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, init)));
}

test('queryString() leaves out what has no value and escapes the rest', () => {
  expect(queryString({ q: '电 表', class: '', cursor: undefined, limit: 0, all: false })).toBe(
    '?q=%E7%94%B5+%E8%A1%A8&limit=0&all=false',
  );
  expect(queryString({})).toBe('');
});

describe('call()', () => {
  const request = () => call({ method: 'GET', path: '/devices' });

  test('surfaces the stable code, the detail and every field of a problem', async () => {
    const problem = {
      code: 'invalid-request',
      status: 422,
      title: 'The request does not have the expected form',
      detail: 'limit: too big',
      errors: [{ path: '/limit', message: 'too big' }],
    };
    answer(JSON.stringify(problem), { status: 422 });
    const error = await request().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({
      code: 'invalid-request',
      status: 422,
      message: 'limit: too big',
      errors: problem.errors,
    });
  });

  test('gives a code to an answer that is no problem+json', async () => {
    answer('<html>Bad gateway</html>', { status: 502 });
    await expect(request()).rejects.toMatchObject({ code: 'unavailable', status: 502 });
    answer('nope', { status: 418 });
    await expect(request()).rejects.toMatchObject({ code: 'http-418' });
  });

  test('says offline when no answer came', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(request()).rejects.toMatchObject({ code: 'offline', status: 0 });
  });

  test('takes an empty answer for nothing', async () => {
    answer('', { status: 200 });
    await expect(request()).resolves.toBeUndefined();
  });
});
