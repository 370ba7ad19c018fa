import { z } from 'zod';
import { opcuaNodeSchema, opcuaServerSchema } from '#schemas/opcua.ts';
import type { OpcuaNode, OpcuaServerConfig } from '#schemas/opcua.ts';

/** The one line that the simulator prints on stdout once it can be connected to. */
const readySchema = z.object({
  ready: z.literal(true),
  opcuaEndpoint: z.string().nullable(),
  nodes: z.array(opcuaNodeSchema),
  /** Conditions and methods of its server. */
  plant: z.object({ alarms: opcuaServerSchema.shape.alarms, methods: opcuaServerSchema.shape.methods }),
  /** How its cameras are asked; null when it has none. */
  cctvFile: z.string().nullable(),
});
export type SimulatorReady = z.infer<typeof readySchema>;

/** @param field the server of its plant; null when it has none */
export function readyLine(
  field: {
    readonly endpoint: string;
    readonly nodes: readonly OpcuaNode[];
    readonly plant: SimulatorReady['plant'];
  } | null,
  cctvFile: string | null = null,
): string {
  const { endpoint = null, nodes = [], plant = { methods: [] } } = field ?? {};
  return JSON.stringify({ ready: true, opcuaEndpoint: endpoint, nodes, plant, cctvFile });
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
export function simulatorServerConfig({
  opcuaEndpoint,
  nodes,
  plant,
}: SimulatorReady): OpcuaServerConfig | null {
  if (opcuaEndpoint === null) return null;
  return opcuaServerSchema.parse({
    id: 'simulated-park',
    endpoint: opcuaEndpoint,
    securityMode: 'None',
    trigger: 'timestamp',
    nodes,
    ...plant,
  });
}
