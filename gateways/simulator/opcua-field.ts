import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { faultAt } from './faults.ts';
import { createSimulatedServer } from './opcua-server.ts';
import type { OpcuaStatus, SimulatedPlant } from './opcua-server.ts';
import { dueTimes } from './sampler.ts';
import type { FieldValue, Sampler, World } from './world.ts';

/** The OPC UA side of the simulated park: its elevators and its plant room, as a building automation shows them. */
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
  readonly plant: SimulatedPlant;
}

const tickMs = 500;
/** The slowest group reports once a minute: so far back, each has a value. */
const oldestMs = 61_000;

/** Starts the server on loopback. @throws ConfigError when the port is in use */
export async function startOpcuaField(options: OpcuaFieldOptions): Promise<OpcuaField> {
  const { world, samplers, port, stateDir, clock, log } = options;
  let updatedMs = clock.nowMs();
  await using started = new AsyncDisposableStack();
  const server = started.use(await createSimulatedServer({ samplers, port, stateDir, clock, log }));
  const update = (afterMs: number, untilMs: number): void => {
    for (const sampler of samplers) {
      for (const { name, value, ...at } of changes(sampler, world, { afterMs, untilMs }))
        server.set(name, value, at);
    }
    server.live(untilMs);
  };
  // Nobody connects to a node without a value.
  update(updatedMs - oldestMs, updatedMs);
  await server.listen();
  started.use(
    clock.every(tickMs, () => {
      const nowMs = clock.nowMs();
      update(Math.max(updatedMs, nowMs - oldestMs), nowMs);
      updatedMs = nowMs;
    }),
  );
  const parts = started.move();
  return {
    endpoint: server.endpoint,
    nodes: server.nodes,
    plant: server.plant,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** What a device's variables become within a span, each variable's in time order. */
export function* changes(
  sampler: Sampler,
  world: World,
  span: { readonly afterMs: number; readonly untilMs: number },
): Generator<{ name: string; value: FieldValue; status: OpcuaStatus; timeMs: number }> {
  const key = world.keyOf(sampler.device.id);
  for (const group of sampler.groups) {
    for (const timeMs of dueTimes(key, group.everyMs, span)) {
      for (const [metric, value] of Object.entries(group.read(timeMs))) {
        const status = statusAt(key, metric, timeMs);
        yield { name: `${sampler.device.id}.${metric}`, value, status, timeMs };
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
