import { deviceClassSchema } from '../device-class.ts';
import type { DeviceClass, MetricDefinition } from '../device-class.ts';
import { accessDoor } from './access-door.ts';
import { battery } from './battery.ts';
import { buildingEquipment } from './building-equipment.ts';
import { camera } from './camera.ts';
import { charger } from './charger.ts';
import { display } from './display.ts';
import { elevator } from './elevator.ts';
import { energyMeter } from './energy-meter.ts';
import { environmentStation } from './environment-station.ts';
import { firePanel } from './fire-panel.ts';
import { gasMeter } from './gas-meter.ts';
import { gateway } from './gateway.ts';
import { heatMeter } from './heat-meter.ts';
import { luminaire } from './luminaire.ts';
import { networkNode } from './network-node.ts';
import {
  application,
  loudspeaker,
  parkingGuidance,
  paymentTerminal,
  videoPlatform,
  visitorTerminal,
} from './other-systems.ts';
import { parkingGate } from './parking-gate.ts';
import { perimeterSensor } from './perimeter-sensor.ts';
import { pvInverter } from './pv-inverter.ts';
import { recorder } from './recorder.ts';
import { robot } from './robot.ts';
import { smartPole } from './smart-pole.ts';
import { waterMeter } from './water-meter.ts';

/** In the order lists show them. */
const definitions = [
  energyMeter,
  waterMeter,
  gasMeter,
  heatMeter,
  camera,
  recorder,
  elevator,
  environmentStation,
  accessDoor,
  luminaire,
  smartPole,
  charger,
  parkingGate,
  firePanel,
  buildingEquipment,
  display,
  perimeterSensor,
  robot,
  networkNode,
  pvInverter,
  battery,
  gateway,
  loudspeaker,
  visitorTerminal,
  paymentTerminal,
  parkingGuidance,
  videoPlatform,
  application,
];

/** Every device class by its id. */
export const deviceClasses: ReadonlyMap<string, DeviceClass> = new Map(
  definitions.map((definition) => [definition.id, deviceClassSchema.parse(definition)]),
);

export const deviceClassIds: readonly string[] = [...deviceClasses.keys()];

/** The code of a state by its key; undefined when the metric has no such state. */
export function stateCode(metric: Pick<MetricDefinition, 'states'>, name: string): number | undefined {
  const code = metric.states?.findIndex((state) => state.key === name) ?? -1;
  return code < 0 ? undefined : code;
}

/** The key of a state by its code; undefined for a code that names none. */
export function stateName(metric: Pick<MetricDefinition, 'states'>, code: number): string | undefined {
  return metric.states?.[code]?.key;
}
