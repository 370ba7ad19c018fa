import { z } from 'zod';
import { opcuaNodeSchema, opcuaServerSchema } from '#schemas/opcua.ts';
import type { OpcuaNode, OpcuaServerConfig } from '#schemas/opcua.ts';

/** The one line that the simulator prints on stdout once it can be connected to. */
const readySchema = z.object({
  ready: z.literal(true),
  opcuaEndpoint: z.string().nullable(),
  nodes: z.array(opcuaNodeSchema),
  /** How its cameras are asked; null when it has none. */
  cctvFile: z.string().nullable(),
});
export type SimulatorReady = z.infer<typeof readySchema>;

export function readyLine(
  opcuaEndpoint: string | null,
  nodes: readonly OpcuaNode[],
  cctvFile: string | null = null,
): string {
  return JSON.stringify({ ready: true, opcuaEndpoint, nodes, cctvFile });
}

/** Reads a line of the simulator's stdout; null when it is another one. */
export function readReadyLine(line: string): SimulatorReady | null {
  if (!line.startsWith('{"ready"')) return null;
  try {
    return readySchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * How a gateway reads the simulator's server: in clear, since it listens on loopback only.
 * @returns null when the simulator runs without an OPC UA server
 */
export function simulatorServerConfig({ opcuaEndpoint, nodes }: SimulatorReady): OpcuaServerConfig | null {
  if (opcuaEndpoint === null) return null;
  return opcuaServerSchema.parse({
    id: 'simulated-park',
    endpoint: opcuaEndpoint,
    securityMode: 'None',
    trigger: 'timestamp',
    nodes,
  });
}
