import { expect, test } from 'vitest';
import { indexedNodeId } from '#gateways/opcua/names.ts';

test('indexedNodeId() finds the namespace by its URI', () => {
  const namespaces = ['http://opcfoundation.org/UA/', 'urn:server', 'urn:maker:plant'];
  expect(indexedNodeId('nsu=urn:maker:plant;s=A;B', namespaces)).toBe('ns=2;s=A;B');
  expect(indexedNodeId('i=2258', namespaces)).toBe('i=2258');
  expect(indexedNodeId('nsu=urn:other;i=1', namespaces)).toBeNull();
});
