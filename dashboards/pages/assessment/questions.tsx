import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import type { Question, questionEntryKinds } from '#schemas/api/questions.ts';
import { assessors, deciders } from '#schemas/roles.ts';
import { assessorApi } from '../../app/assessor-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime, useSession } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

type Kind = (typeof questionEntryKinds)[number];
type Dialog = { readonly kind: 'ask' } | { readonly kind: Kind; readonly question: Question };

function QuestionDialog({
  about,
  dialog,
  onClose,
}: {
  about: { rubric: string; item: string };
  dialog: Dialog;
  onClose: () => void;
}) {
  const t = useWords();
  const client = useQueryClient();
  const title = t(`assessor.${dialog.kind}`);
  const label = dialog.kind === 'ask' ? t('assessor.askLabel') : title;
  return (
    <FormModal<{ content: string }>
      title={title}
      action={title}
      onClose={onClose}
      onSubmit={async ({ content }) => {
        if (dialog.kind === 'ask') await assessorApi.ask({ ...about, question: content });
        else await assessorApi.say(dialog.question.id, { kind: dialog.kind, content });
        await client.invalidateQueries({ queryKey: keys.assessment });
      }}
    >
      {dialog.kind === 'ask' ? null : <p>{dialog.question.question}</p>}
      <Form.Item
        name="content"
        label={label}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input.TextArea rows={4} maxLength={4_000} />
      </Form.Item>
    </FormModal>
  );
}

/** What this person may say to a question now. */
function useKinds(): (question: Question) => readonly Kind[] {
  const { user } = useSession();
  const speaks = useMay(assessors);
  const settles = useMay(deciders);
  return ({ isOpen }) => {
    if (!speaks) return [];
    if (!isOpen) return settles ? ['reopen'] : [];
    const own: Kind[] = user.role === 'assessor' ? ['remark'] : ['answer', 'remark'];
    return settles ? [...own, 'close'] : own;
  };
}

/** Questions of assessors about an item, and what was said to them. */
export function Questions({ about }: { about: { rubric: string; item: string } }) {
  const t = useWords();
  const parkTime = useParkTime();
  const mayAsk = useMay(deciders);
  const kindsOf = useKinds();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const query = useQuery({
    queryKey: [...keys.assessment, about, 'questions'],
    queryFn: () => assessorApi.questions(about),
  });
  return (
    <Panel
      title={t('assessor.questions')}
      actions={
        mayAsk ? <Button onClick={() => setDialog({ kind: 'ask' })}>{t('assessor.ask')}</Button> : null
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('assessor.noQuestion')} hint={t('assessor.noQuestionHint')} />
          ) : (
            <div className="lines">
              {items.map((question) => (
                <div key={question.id}>
                  <span className={question.isOpen ? 'tag alert' : 'tag'}>
                    {question.isOpen ? t('assessor.open') : t('assessor.closed')}
                  </span>{' '}
                  <b>{question.question}</b>{' '}
                  <span className="soft small num">
                    {question.by} · {parkTime(question.at)}
                  </span>
                  {question.entries.map(({ kind, content, by, at }, index) => (
                    <div key={`${at} ${index}`} style={{ paddingInlineStart: 24 }}>
                      <span className="soft small num">
                        {by} {t(`assessor.said.${kind}`)} · {parkTime(at)}
                      </span>
                      <div>{content}</div>
                    </div>
                  ))}
                  <div className="row wrap no-print">
                    {kindsOf(question).map((kind) => (
                      <Button key={kind} size="small" onClick={() => setDialog({ kind, question })}>
                        {t(`assessor.${kind}`)}
                      </Button>
                    ))}
                  </div>
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
      {dialog === null ? null : (
        <QuestionDialog about={about} dialog={dialog} onClose={() => setDialog(null)} />
      )}
    </Panel>
  );
}
