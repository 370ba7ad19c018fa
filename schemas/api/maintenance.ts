import { z } from 'zod';
import { maintenanceScheduleSchema, maintenanceTargetSchema } from '../maintenance.ts';
import { instantSchema, pageQuery } from './common.ts';

/** GET /maintenance-windows : newest first; `current` leaves out those that are over. */
export const maintenanceQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(['current', 'all']).default('current'),
});

/** POST /maintenance-windows */
export const maintenanceBody = z.strictObject({
  name: z.string().trim().min(1).max(200),
  target: maintenanceTargetSchema,
  schedule: maintenanceScheduleSchema,
  reason: z.string().trim().min(1).max(500),
  /** Critical alarms too; without it they are raised as ever. */
  withCritical: z.boolean().default(false),
});
export type MaintenanceBody = z.infer<typeof maintenanceBody>;

export const maintenanceWindowSchema = z.object({
  id: z.string(),
  name: z.string(),
  target: maintenanceTargetSchema,
  schedule: maintenanceScheduleSchema,
  reason: z.string(),
  withCritical: z.boolean(),
  createdAt: instantSchema,
  createdBy: z.string(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
  /** The occurrence that goes on, else the next one; null when it is over. */
  occurrence: z.object({ from: instantSchema, to: instantSchema }).nullable(),
  inForce: z.boolean(),
  /** Devices that it covers now. */
  devices: z.number(),
  /** Active alarms that it suppresses now. */
  suppressing: z.number(),
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindowSchema>;
