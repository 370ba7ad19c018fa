import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import type { FieldCommand } from '#schemas/api/field-commands.ts';
import { fieldCommandNames } from '#schemas/field-command.ts';
import type { DeviceDetail } from '../../app/api.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useParkTime } from '../../app/session.ts';
import { CommentModal } from '../../components/comment-modal.tsx';
import { Panel } from '../../components/page.tsx';

const waitingMs = 1_000;
const restingMs = 15_000;

/** A method of an OPC UA server is shown by the name that it was configured with. */
function useCommandName(): (command: string) => string {
  const t = useWords();
  return (command) => {
    const known = fieldCommandNames.find((name) => name === command);
    return known === undefined ? command.replaceAll('_', ' ') : t(`fieldCommand.${known}`);
  };
}

function CommandRow({ item }: { item: FieldCommand }) {
  const t = useWords();
  const parkTime = useParkTime();
  const commandName = useCommandName();
  return (
    <li className="row">
      <span className="num">{parkTime(item.sentAt, 'second')}</span>
      <span>{commandName(item.command)}</span>
      <strong>{t(`fieldCommand.state.${item.state}`)}</strong>
      <span className="soft small">
        {item.actor}: {item.reason}
        {item.detail === null || item.state === 'timed-out' ? '' : ` (${item.detail})`}
      </span>
    </li>
  );
}

function bodyOf(command: string) {
  const known = fieldCommandNames.find((name) => name === command);
  return known === undefined ? 'fieldCommand.methodBody' : (`fieldCommand.${known}Body` as const);
}

/** What a device may be told, and what came of it; nothing for devices that are told nothing. */
export function FieldCommands({ device }: { device: DeviceDetail }) {
  const t = useWords();
  const client = useQueryClient();
  const [doing, setDoing] = useState<string | null>(null);
  const commandName = useCommandName();
  const queryKey = [...fieldKeys.commands, device.id];
  const { data } = useQuery({
    queryKey,
    queryFn: () => fieldApi.commands(device.id),
    refetchInterval: ({ state }) =>
      state.data?.items.some((item) => item.state === 'sent') ? waitingMs : restingMs,
  });
  if (data === undefined || data.commands.length === 0) return null;
  const isWaiting = data.items.some(({ state }) => state === 'sent');
  return (
    <Panel title={t('fieldCommand.title')}>
      <span className="row">
        {data.commands.map((command) => (
          <Button key={command} disabled={isWaiting} onClick={() => setDoing(command)}>
            {commandName(command)}
          </Button>
        ))}
      </span>
      <ul className="plain">
        {data.items.map((item) => (
          <CommandRow key={item.id} item={item} />
        ))}
      </ul>
      {doing === null ? null : (
        <CommentModal
          title={commandName(doing)}
          body={t(bodyOf(doing), { command: commandName(doing), name: device.name, id: device.id })}
          label={t('fieldCommand.reason')}
          hint={t('fieldCommand.reasonHint')}
          action={commandName(doing)}
          onClose={() => setDoing(null)}
          onSubmit={async (reason) => {
            await fieldApi.command(device.id, { command: doing, reason });
            await client.invalidateQueries({ queryKey });
          }}
        />
      )}
    </Panel>
  );
}
