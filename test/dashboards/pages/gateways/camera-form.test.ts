import { expect, test } from 'vitest';
import {
  lineOf,
  placeFaults,
  textFault,
  toDefinition,
  toFields,
} from '#dashboards/pages/gateways/camera-form.ts';
import type { CctvGroup } from '#schemas/api/cctv.ts';

const definition = {
  intervalS: 60,
  username: 'parkwatch',
  cameras: [{ deviceId: 'cam-1', rtsp: 'rtsp://a/1' }],
  platform: {
    url: 'https://vms',
    header: 'api-key',
    requests: [{ path: '/api/channels', read: [{ id: 'channels', device: 'x' }] }],
    recordings: { path: '/r?{from}{to}' },
  },
};
const group: CctvGroup = {
  id: 'yard',
  origin: 'saved',
  definition,
  secretsSet: ['password', 'token'],
  version: 3,
  changedAt: null,
  changedBy: null,
};

test('toDefinition() says again what toFields() has read; secrets only when they are given', () => {
  const fields = toFields(group);
  expect(toDefinition(fields, group)).toEqual(definition);
  expect(toDefinition({ ...fields, password: 'new', token: 't' }, group)).toMatchObject({
    password: 'new',
    platform: { token: 't' },
  });
  const { platform: _, ...rest } = definition;
  expect(toDefinition({ ...fields, hasPlatform: false }, group)).toEqual(rest);
  expect(toDefinition({ ...toFields(null), id: 'n' }, null)).toEqual({ intervalS: 60 });
});

test('a group of very many cameras is edited as text', () => {
  const cameras = Array.from({ length: 60 }, (_, n) => ({ deviceId: `cam-${n}`, rtsp: `rtsp://a/${n}` }));
  const many = { ...group, definition: { cameras } };
  const fields = toFields(many);
  expect(fields.cameras).toBeUndefined();
  expect(toDefinition(fields, many)).toEqual({ cameras });
  expect(placeFaults([{ path: '/definition/cameras/2/rtsp', message: 'm' }], fields)).toEqual([
    { name: ['camerasText'], line: 6, message: 'm' },
  ]);
});

test('placeFaults() puts each fault at its field, and in a text at its line', () => {
  const requests =
    '- path: /a\n  read:\n    - id: m\n      device: x\n      values:\n        - metric: nope\n';
  const fields = { ...toFields(group), requests };
  const at = (path: string) => placeFaults([{ path, message: 'm' }], fields)[0];
  expect(at('/definition/intervalS')).toMatchObject({ name: ['intervalS'], line: null });
  expect(at('/definition/cameras/0/rtsp')).toMatchObject({ name: ['cameras', 0, 'rtsp'] });
  expect(at('/definition/cameras/0')).toMatchObject({ name: ['cameras', 0, 'deviceId'] });
  expect(at('/definition/platform/deviceId')).toMatchObject({ name: ['platformDevice'] });
  expect(at('/definition/platform/requests/0/read/0/values/0/metric')).toMatchObject({
    name: ['requests'],
    line: 6,
  });
  expect(at('/definition')).toMatchObject({ name: null });
});

test('textFault() names the line of what is no YAML, and what is no list', () => {
  expect(textFault('- a: 1\n- {b: [}\n', 'list')).toMatchObject({ line: 2 });
  expect(textFault('a: 1', 'list')).toEqual({ line: 1, message: 'list' });
  expect(textFault('a: 1', 'map')).toBeNull();
  expect(lineOf('a:\n  b: 1\n', ['a', 'nothing'])).toBe(2);
});
