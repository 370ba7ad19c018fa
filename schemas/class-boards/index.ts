import {
  boardProblems,
  classBoardSchema,
  defaultBoard,
  type ClassBoard,
  type ClassBoardInput,
} from '../class-board.ts';
import type { DeviceClass } from '../device-class.ts';
import { deviceClasses } from '../device-classes/index.ts';
import { environmentBoard } from './environment.ts';
import { energyBoard, gasBoard, waterBoard } from './meters.ts';
import { accessBoard, cameraBoard, elevatorBoard } from './safety.ts';

/** Boards that say what they show; every other class gets one from its metrics. */
const written: Readonly<Record<string, ClassBoardInput>> = {
  'energy-meter': energyBoard,
  'water-meter': waterBoard,
  'gas-meter': gasBoard,
  camera: cameraBoard,
  elevator: elevatorBoard,
  'environment-station': environmentBoard,
  'access-door': accessBoard,
};

/**
 * The board of a class.
 * @throws Error when what is written of it does not fit the class
 */
export function boardOf(deviceClass: DeviceClass, input = written[deviceClass.id]): ClassBoard {
  const board = classBoardSchema.parse(input ?? defaultBoard(deviceClass));
  const [problem] = boardProblems(board, deviceClass);
  if (problem !== undefined) throw new Error(`The board of ${deviceClass.id}: ${problem}`);
  return board;
}

/** The board of every class, by the id of the class. */
export const classBoards: ReadonlyMap<string, ClassBoard> = new Map(
  [...deviceClasses.values()].map((deviceClass) => [deviceClass.id, boardOf(deviceClass)]),
);
