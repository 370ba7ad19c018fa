import { describe, expect, test } from 'vitest';
import type { GatewayStatus } from '#schemas/gateway.ts';
import { createErrors, createPaces } from '#services/ingest/gateway-pace.ts';

const status = (rest: Partial<GatewayStatus>): GatewayStatus => ({
  source: 'mqtt',
  protocol: 'mqtt',
  connected: true,
  detail: '',
  packetsAcknowledged: 0,
  packetsWaiting: 0,
  canary: null,
  ...rest,
});

describe('createPaces()', () => {
  test('takes the pace over the last 10 s, unacknowledged packets included', () => {
    const paces = createPaces();
    expect(paces.note(status({}), 0)).toBeNull();
    expect(paces.note(status({ packetsAcknowledged: 20 }), 2_000)).toBe(10);
    expect(paces.note(status({ packetsAcknowledged: 20, packetsUnacknowledged: 40 }), 4_000)).toBe(15);
    // The burst is forgotten when it is older than the window.
    const later = status({ packetsAcknowledged: 20, packetsUnacknowledged: 40 });
    expect(paces.note(later, 14_000)).toBe(0);
  });

  test('begins anew with a gateway that does', () => {
    const paces = createPaces();
    paces.note(status({ packetsAcknowledged: 100 }), 0);
    expect(paces.note(status({ packetsAcknowledged: 1 }), 2_000)).toBeNull();
    expect(paces.note(status({ packetsAcknowledged: 3 }), 4_000)).toBe(1);
  });
});

test('createErrors() tells an error once, and another one again', () => {
  const errors = createErrors();
  expect(errors.note(status({ trouble: null }), 1)).toBeNull();
  expect(errors.note(status({ trouble: 'away' }), 2)).toEqual({ text: 'away', said: [], at: new Date(2) });
  expect(errors.note(status({ trouble: 'away' }), 3)).toBeNull();
  expect(errors.note(status({ trouble: 'refused' }), 4)?.text).toBe('refused');
  expect(errors.note(status({}), 5)).toBeNull();
  expect(errors.note(status({ trouble: 'refused' }), 6)?.at).toEqual(new Date(6));
});
