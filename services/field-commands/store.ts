import type { Queryable } from '#infra/postgres.ts';
import type { FieldCommandState } from '#schemas/field-command.ts';
import { commandConfirmedEvent, commandFailedEvent } from '#schemas/field-command.ts';
import type { CommandEvidence, CommandVerdict } from './verdict.ts';

export interface CommandRow {
  readonly id: string;
  readonly deviceId: string;
  readonly command: string;
  readonly reason: string;
  readonly actor: string;
  readonly sentAt: Date;
  readonly expiresAt: Date;
  readonly state: FieldCommandState;
  readonly endedAt: Date | null;
  readonly detail: string | null;
}

export interface CommandTarget {
  readonly class: string;
  readonly lifecycle: string;
}

export async function findTarget(db: Queryable, deviceId: string): Promise<CommandTarget | undefined> {
  const { rows } = await db.query<CommandTarget>(
    `select class, lifecycle from device where id = $1 and valid_to = 'infinity'`,
    [deviceId],
  );
  return rows[0];
}

/** What a device can be told by methods of its OPC UA server. */
export async function listMethods(
  db: Queryable,
  deviceId: string,
): Promise<{ readonly command: string; readonly serverId: string }[]> {
  const { rows } = await db.query<{ command: string; serverId: string }>(
    `select command, server_id as "serverId" from opcua_method where device_id = $1 order by command`,
    [deviceId],
  );
  return rows;
}

/** @returns false when another command of the device has no answer yet */
export async function insertCommand(
  db: Queryable,
  row: Omit<CommandRow, 'state' | 'endedAt' | 'detail'> & {
    /** The state that shows that it was done; null for a method that none shows. */
    readonly metric: string | null;
    readonly wanted: number | null;
    /** Of the OPC UA server whose method it is. */
    readonly serverId: string | null;
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into field_command (id, device_id, command, reason, actor, sent_at, expires_at, metric, wanted, server_id,
       state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'sent')
     on conflict (device_id) where state = 'sent' do nothing`,
    [
      row.id,
      row.deviceId,
      row.command,
      row.reason,
      row.actor,
      row.sentAt,
      row.expiresAt,
      row.metric,
      row.wanted,
      row.serverId,
    ],
  );
  return rowCount === 1;
}

export interface OpenCommand extends CommandEvidence {
  readonly id: string;
}

/** Every command without a verdict, with what is known of it; at most one a device. */
export async function listOpen(db: Queryable): Promise<OpenCommand[]> {
  const { rows } = await db.query<Omit<OpenCommand, 'expiresAtMs'> & { expiresAt: Date }>(
    `select c.id, c.expires_at as "expiresAt", a.type as answer, a.data ->> 'reason' as "answerReason",
            s.reached is not null as "stateReached"
     from field_command c
     left join lateral (
       select e.type, e.data from event e
       where e.device_id = c.device_id and e.time >= c.sent_at - interval '5 minutes'
         and e.type in ($1, $2) and e.data ->> 'command' = c.id::text
       order by e.time limit 1) a on true
     left join lateral (
       select true as reached from point p join reading r on r.point_id = p.point_id
       where p.device_id = c.device_id and p.metric = c.metric
         and r.time > c.sent_at and r.value = c.wanted and r.quality = 0
       limit 1) s on true
     where c.state = 'sent'`,
    [commandConfirmedEvent, commandFailedEvent],
  );
  return rows.map(({ expiresAt, ...row }) => ({ ...row, expiresAtMs: expiresAt.getTime() }));
}

/** @returns undefined when it has a verdict already */
export async function endCommand(
  db: Queryable,
  id: string,
  { state, detail, at }: CommandVerdict & { readonly at: Date },
): Promise<CommandRow | undefined> {
  const { rows } = await db.query<CommandRow>(
    `update field_command set state = $2, detail = $3, ended_at = $4 where id = $1 and state = 'sent'
     returning id, device_id as "deviceId", command, reason, actor, sent_at as "sentAt", expires_at as "expiresAt",
       state, ended_at as "endedAt", detail`,
    [id, state, detail, at],
  );
  return rows[0];
}

/** The newest first. */
export async function listCommands(db: Queryable, deviceId: string, limit: number): Promise<CommandRow[]> {
  const { rows } = await db.query<CommandRow>(
    `select id, device_id as "deviceId", command, reason, actor, sent_at as "sentAt", expires_at as "expiresAt",
            state, ended_at as "endedAt", detail
     from field_command where device_id = $1 order by sent_at desc limit $2`,
    [deviceId, limit],
  );
  return rows;
}
