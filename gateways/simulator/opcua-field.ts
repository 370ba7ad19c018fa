import { join } from 'node:path';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { faultAt } from './faults.ts';
import { dueTimes } from './sampler.ts';
import type { FieldValue, ReadingGroup, Sampler, World } from './world.ts';

/** The OPC UA server of the simulated park: its elevators and its plant room, as a building automation shows them. */
export const simulatedNamespace = 'urn:parkwatch:simulated-park';

export interface OpcuaFieldOptions {
  readonly world: World;
  /** Of the devices that are read over OPC UA. */
  readonly samplers: readonly Sampler[];
  /** 0: any free port. */
  readonly port: number;
  /** Where the server keeps its certificates. */
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OpcuaField extends AsyncDisposable {
  readonly endpoint: string;
  readonly nodes: readonly OpcuaNode[];
}

export type OpcuaStatus = 'Good' | 'UncertainLastUsableValue' | 'BadSensorFailure' | 'BadNoCommunication';

const tickMs = 500;

/** One variable of the server: where it stands in the park and how it is coded there. */
interface FieldVariable {
  readonly node: OpcuaNode;
  readonly dataType: 'Boolean' | 'Int32' | 'UInt32' | 'Double';
}

/** Starts the server; node-opcua is loaded here and nowhere else in the simulator. */
export async function startOpcuaField(options: OpcuaFieldOptions): Promise<OpcuaField> {
  const { world, samplers, clock } = options;
  const opcua = await import('node-opcua');
  // Its console output would stand among the lines that our parent reads.
  const quiet = (...parts: unknown[]) =>
    options.log.debug({ library: 'node-opcua' }, parts.map(String).join(' '));
  for (const redirect of [opcua.setErrorLogger, opcua.setWarningLogger, opcua.setDebugLogger])
    redirect(quiet);
  const pki = join(options.stateDir, 'simulator-opcua');
  const certificates = new opcua.OPCUACertificateManager({
    rootFolder: pki,
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  const server = new opcua.OPCUAServer({
    port: options.port,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    resourcePath: '/simulated-park',
    serverInfo: {
      applicationUri: `${simulatedNamespace}:server`,
      applicationName: { text: 'Simulated park' },
    },
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
    certificateFile: join(pki, 'own', 'certs', 'simulated-park.pem'),
    allowAnonymous: true,
    nodeset_filename: [opcua.nodesets.standard],
  });
  await server.initialize();
  const addressSpace = server.engine.addressSpace;
  if (addressSpace === null) throw new Error('The simulated OPC UA server has no address space.');
  const namespace = addressSpace.registerNamespace(simulatedNamespace);
  const setters = new Map<string, (value: FieldValue, status: OpcuaStatus, timeMs: number) => void>();
  const nodes: OpcuaNode[] = [];
  for (const { device, groups } of samplers) {
    const folder = namespace.addObject({
      organizedBy: addressSpace.rootFolder.objects,
      browseName: device.id,
      displayName: device.name,
    });
    for (const { node, dataType } of variablesOf(device.id, {
      className: device.class,
      groups,
      timeMs: clock.nowMs(),
    })) {
      const name = `${device.id}.${node.metric}`;
      const type = opcua.DataType[dataType];
      const variable = namespace.addVariable({
        componentOf: folder,
        browseName: node.metric,
        nodeId: `s=${name}`,
        dataType,
        minimumSamplingInterval: 0,
      });
      nodes.push(node);
      setters.set(name, (value, status, timeMs) => {
        const coded = codedValue(node, value);
        variable.setValueFromSource(
          { dataType: type, value: coded },
          opcua.StatusCodes[status],
          new Date(timeMs),
        );
      });
    }
  }
  const update = (afterMs: number, untilMs: number): void => {
    for (const sampler of samplers) {
      for (const { name, value, status, timeMs } of changes(sampler, world, { afterMs, untilMs })) {
        setters.get(name)?.(value, status, timeMs);
      }
    }
  };
  let updatedMs = clock.nowMs();
  // Nobody connects to a node without a value: the newest of each group comes first.
  update(updatedMs - 61_000, updatedMs);
  await server.start();
  const ticking = clock.every(tickMs, () => {
    const nowMs = clock.nowMs();
    update(Math.max(updatedMs, nowMs - 61_000), nowMs);
    updatedMs = nowMs;
  });
  return {
    endpoint: server.getEndpointUrl(),
    nodes,
    async [Symbol.asyncDispose]() {
      ticking[Symbol.dispose]();
      await server.shutdown(0);
      await certificates.dispose();
    },
  };
}

/** The variables of a device, from what it measures and its class. */
function variablesOf(
  deviceId: string,
  options: { className: string; groups: readonly ReadingGroup[]; timeMs: number },
): FieldVariable[] {
  const metrics = deviceClasses.get(options.className)?.metrics ?? {};
  const values = Object.assign({}, ...options.groups.map((group) => group.read(options.timeMs))) as Record<
    string,
    FieldValue
  >;
  return Object.entries(values).map(([metric, value]) => {
    const nodeId = `nsu=${simulatedNamespace};s=${deviceId}.${metric}`;
    const definition = metrics[metric];
    if (typeof value === 'boolean') return { node: { nodeId, deviceId, metric }, dataType: 'Boolean' };
    if (typeof value === 'string') {
      // The controller counts its states from 1, as many do.
      const codes = (definition?.states ?? []).map(({ key }, index) => [String(index + 1), key] as const);
      return { node: { nodeId, deviceId, metric, states: Object.fromEntries(codes) }, dataType: 'Int32' };
    }
    if (metric === 'run_count') return { node: { nodeId, deviceId, metric }, dataType: 'UInt32' };
    if (metric === 'floor' || metric === 'fault_code')
      return { node: { nodeId, deviceId, metric }, dataType: 'Int32' };
    // The plant's sensors show pressure in bar.
    if (metric === 'pressure') return { node: { nodeId, deviceId, metric, unit: 'bar' }, dataType: 'Double' };
    return { node: { nodeId, deviceId, metric }, dataType: 'Double' };
  });
}

function codedValue(node: OpcuaNode, value: FieldValue): number | boolean {
  if (typeof value === 'string') {
    const code = Object.entries(node.states ?? {}).find(([, key]) => key === value)?.[0];
    return Number(code ?? 0);
  }
  return typeof value === 'number' && node.unit === 'bar' ? Math.round(value * 1e4) / 1e3 : value;
}

/** What a device's variables become within a span, in time order. */
export function* changes(
  sampler: Sampler,
  world: World,
  span: { readonly afterMs: number; readonly untilMs: number },
): Generator<{ name: string; value: FieldValue; status: OpcuaStatus; timeMs: number }> {
  const key = world.keyOf(sampler.device.id);
  for (const group of sampler.groups) {
    for (const timeMs of dueTimes(key, group.everyMs, span)) {
      for (const [metric, value] of Object.entries(group.read(timeMs))) {
        yield {
          name: `${sampler.device.id}.${metric}`,
          value,
          status: statusAt(key, metric, timeMs),
          timeMs,
        };
      }
    }
  }
}

/** A lost controller takes all of its values away; a broken sensor is doubted first, then given up. */
function statusAt(key: number, metric: string, timeMs: number): OpcuaStatus {
  if (faultAt(key, 'offline', timeMs) !== null) return 'BadNoCommunication';
  const broken =
    metric === 'temperature' || metric === 'pressure' ? faultAt(key, 'sensor-fault', timeMs) : null;
  if (broken === null) return 'Good';
  return timeMs - broken.fromMs < (broken.toMs - broken.fromMs) / 3
    ? 'UncertainLastUsableValue'
    : 'BadSensorFailure';
}
