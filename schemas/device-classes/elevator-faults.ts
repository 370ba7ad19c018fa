import type { Severity } from '../device-class.ts';
import type { Names } from './build.ts';

/**
 * What may be wrong with a lift, as lift platforms tell it apart. Makers number their faults each in their own way; a
 * mapping has the table from those numbers to these words. New words are only ever appended: they are stored by number.
 */
export const elevatorFaults: {
  readonly states: Readonly<Record<string, Names>>;
  readonly abnormal: Readonly<Record<string, Severity>>;
} = {
  states: {
    none: ['无故障', 'None'],
    stopped_off_floor: ['非平层停梯', 'Stopped outside a landing'],
    overtravel_top: ['冲顶', 'Over-travel at the top'],
    overtravel_bottom: ['蹲底', 'Over-travel at the bottom'],
    overspeed: ['超速', 'Over-speed'],
    moved_with_door_open: ['开门走梯', 'Moved with the door open'],
    unintended_movement: ['轿厢意外移动', 'Unintended car movement'],
    safety_circuit: ['安全回路断开', 'Safety circuit open'],
    door_lock_circuit: ['门锁回路故障', 'Door lock circuit'],
    door_not_opening: ['开门故障', 'Door does not open'],
    door_not_closing: ['关门故障', 'Door does not close'],
    door_reversing: ['反复开关门', 'Door reverses again and again'],
    brake: ['制动器故障', 'Brake'],
    drive: ['驱动故障', 'Drive'],
    motor_time_limit: ['运行时间限制器动作', 'Motor run-time limiter tripped'],
    overheated: ['过热', 'Overheated'],
    mains_lost: ['主电源断电', 'Mains lost'],
    position_lost: ['楼层位置丢失', 'Position lost'],
    overload: ['超载', 'Overloaded'],
    communication: ['通信故障', 'Communication'],
    other: ['其他故障', 'Other'],
  },
  abnormal: {
    stopped_off_floor: 'high',
    overtravel_top: 'critical',
    overtravel_bottom: 'critical',
    overspeed: 'critical',
    moved_with_door_open: 'critical',
    unintended_movement: 'critical',
    safety_circuit: 'high',
    door_lock_circuit: 'high',
    door_not_opening: 'high',
    door_not_closing: 'medium',
    door_reversing: 'medium',
    brake: 'critical',
    drive: 'high',
    motor_time_limit: 'high',
    overheated: 'high',
    mains_lost: 'high',
    position_lost: 'high',
    overload: 'low',
    communication: 'medium',
    other: 'medium',
  },
};
