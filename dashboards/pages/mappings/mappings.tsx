import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Select } from 'antd';
import type { MappingsAnswer, MappingVersion } from '#schemas/api/mappings.ts';
import { api } from '../../app/api.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { Tried } from './tried.tsx';

const editorRows = 18;
const receivedMost = 20;
const renewMs = 5_000;

interface SaveProps {
  readonly mapping: string;
  readonly base: number;
  readonly onClose: () => void;
}

function Save({ mapping, base, onClose }: SaveProps) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  return (
    <FormModal<{ note?: string }>
      title={t('mappings.save')}
      action={t('mappings.save')}
      onClose={onClose}
      onSubmit={async ({ note = '' }) => {
        const answer = await fieldApi.saveMappings({ mapping, note: note.trim(), base });
        notify.done(t('mappings.saved', { version: answer.current?.version ?? 0 }));
        await client.invalidateQueries({ queryKey: fieldKeys.mappings });
      }}
    >
      <p className="soft">{t('mappings.inForceHint')}</p>
      <Form.Item name="note" label={`${t('mappings.note')} (${t('common.optional')})`}>
        <Input maxLength={200} />
      </Form.Item>
    </FormModal>
  );
}

interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** What came in lately: on topics of vendors, and what was refused. */
function useReceived(): readonly (Message & { readonly key: string })[] {
  const received = useQuery({
    queryKey: [...fieldKeys.mappings, 'received'],
    queryFn: fieldApi.received,
    refetchInterval: renewMs,
  });
  const rejections = useQuery({
    queryKey: [...keys.rejections, 'for mappings'],
    queryFn: () => api.rejections({ limit: receivedMost }),
  });
  return [
    ...(received.data?.items ?? []).map(({ topic, payload }) => ({ key: `topic ${topic}`, topic, payload })),
    ...(rejections.data?.items ?? []).map(({ id, address, payload }) => ({
      key: id,
      topic: address,
      payload,
    })),
  ];
}

function MessageFields(props: { message: Message; onChange: (message: Message) => void }) {
  const { message, onChange } = props;
  const t = useWords();
  const received = useReceived();
  return (
    <>
      <Select
        aria-label={t('mappings.lastReceived')}
        placeholder={t('mappings.lastReceived')}
        notFoundContent={t('mappings.noReceived')}
        style={{ width: '100%' }}
        value={null}
        options={received.map(({ key, topic, payload }) => ({
          value: key,
          label: `${topic}  ${payload.slice(0, 80)}`,
        }))}
        onChange={(key: string) => {
          const chosen = received.find((one) => one.key === key);
          if (chosen !== undefined) onChange({ topic: chosen.topic, payload: chosen.payload });
        }}
      />
      <label className="stack">
        <span>{t('mappings.topic')}</span>
        <Input
          className="mono"
          value={message.topic}
          onChange={(event) => onChange({ ...message, topic: event.target.value })}
        />
      </label>
      <label className="stack">
        <span>{t('mappings.payload')}</span>
        <Input.TextArea
          className="mono"
          rows={6}
          value={message.payload}
          onChange={(event) => onChange({ ...message, payload: event.target.value })}
        />
      </label>
    </>
  );
}

function Versions({
  versions,
  onLoad,
}: {
  versions: readonly MappingVersion[];
  onLoad: (version: number) => void;
}) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <Panel title={t('mappings.versions')}>
      {versions.length === 0 ? (
        <EmptyState title={t('mappings.none')} />
      ) : (
        <div className="lines">
          {versions.map(({ version, note, savedAt, savedBy }) => (
            <div key={version} className="row">
              <span className="num">
                {t('mappings.version')} {version}
              </span>
              <span className="soft small num">{parkTime(savedAt, 'minute')}</span>
              <span className="soft small">{savedBy}</span>
              <span className="grow cut">{note}</span>
              <Button size="small" onClick={() => onLoad(version)}>
                {t('mappings.load')}
              </Button>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

function Editor({ answer }: { answer: MappingsAnswer }) {
  const t = useWords();
  const notify = useNotify();
  const readyMade = useQuery({ queryKey: fieldKeys.readyMade, queryFn: fieldApi.readyMade });
  const [mapping, setMapping] = useState(answer.current?.mapping ?? '');
  const [message, setMessage] = useState<Message>({ topic: '', payload: '' });
  const [saving, setSaving] = useState(false);
  const attempt = useMutation({ mutationFn: fieldApi.tryMapping });
  const load = async (version: number) => {
    try {
      setMapping((await fieldApi.mappingVersion(version)).mapping);
    } catch (error) {
      notify.failed(error);
    }
  };
  return (
    <div className="split">
      <div className="stack">
        <Panel
          title={t('mappings.inForce')}
          actions={
            <Button type="primary" onClick={() => setSaving(true)}>
              {t('mappings.save')}
            </Button>
          }
        >
          <div className="stack">
            {answer.fileMappings === null || answer.fileMappings === 0 ? null : (
              <span className="soft small">{t('mappings.file', { count: answer.fileMappings })}</span>
            )}
            <Select
              aria-label={t('mappings.readyMade')}
              placeholder={t('mappings.readyMade')}
              style={{ width: '100%' }}
              value={null}
              options={(readyMade.data?.items ?? []).map(({ name }) => ({ value: name, label: name }))}
              onChange={(name: string) => {
                const chosen = readyMade.data?.items.find((one) => one.name === name);
                if (chosen !== undefined) setMapping(chosen.mapping);
              }}
            />
            <Input.TextArea
              className="mono"
              aria-label={t('mappings.mapping')}
              placeholder={t('mappings.placeholder')}
              rows={editorRows}
              spellCheck={false}
              wrap="off"
              value={mapping}
              onChange={(event) => setMapping(event.target.value)}
            />
          </div>
        </Panel>
        <Versions versions={answer.versions} onLoad={(version) => void load(version)} />
      </div>
      <div className="stack">
        <Panel
          title={t('mappings.payload')}
          actions={
            <Button
              loading={attempt.isPending}
              disabled={message.topic === ''}
              onClick={() => attempt.mutate({ mapping, ...message })}
            >
              {t('mappings.try')}
            </Button>
          }
        >
          <div className="stack">
            <MessageFields message={message} onChange={setMessage} />
          </div>
        </Panel>
        <Panel title={t('mappings.result')}>
          <Refusal error={attempt.error} />
          {attempt.data === undefined ? (
            <EmptyState title={t('mappings.resultHint')} />
          ) : (
            <Tried answer={attempt.data} />
          )}
        </Panel>
      </div>
      {saving ? (
        <Save mapping={mapping} base={answer.current?.version ?? 0} onClose={() => setSaving(false)} />
      ) : null}
    </div>
  );
}

/** Mappings are written here, tried on a message, and put in force. */
export function Mappings() {
  const query = useQuery({ queryKey: fieldKeys.mappings, queryFn: fieldApi.mappings });
  return <Loaded query={query}>{(answer) => <Editor answer={answer} />}</Loaded>;
}
