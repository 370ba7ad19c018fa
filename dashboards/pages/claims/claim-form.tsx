import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Checkbox, Form, Input, InputNumber, Select } from 'antd';
import type { ClaimForm } from '#schemas/api/claims.ts';
import type { DocumentRef } from '#schemas/api/registers.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { useParkTime } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';
import { DocumentsField } from '../registers/documents-field.tsx';

interface Values {
  readonly grade?: string;
  readonly value?: number;
  readonly unit?: string;
  readonly quantities?: Record<string, number>;
  readonly functions?: string[];
  readonly statement: string;
  readonly documents?: readonly DocumentRef[];
  readonly from: string;
  readonly until: string;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** What decides the points: a level, a number, or numbers of several kinds. */
function Claimed({ form }: { form: ClaimForm }) {
  const t = useWords();
  const both = useBilingual();
  const numberRule = useNumberRule();
  const required = { required: true, message: t('common.required') };
  if (form.shape === 'grade') {
    return (
      <Form.Item name="grade" label={t('claim.level')} rules={[required]}>
        <Select
          options={form.bands.map(({ id, name, points }) => ({
            value: id,
            label: `${points.min === points.max ? points.max : `${points.min}–${points.max}`} · ${both(name)}`,
          }))}
        />
      </Form.Item>
    );
  }
  if (form.shape === 'value') {
    return (
      <>
        <Form.Item
          name="value"
          label={form.quantity === null ? t('claim.value') : both(form.quantity)}
          rules={[required, numberRule({ min: 0, whole: form.whole })]}
        >
          <InputNumber style={{ width: '100%' }} />
        </Form.Item>
        {form.units.length === 0 ? null : (
          <Form.Item name="unit" label={t('common.unit')} rules={[required]}>
            <Select options={form.units.map((unit) => ({ value: unit, label: unit }))} />
          </Form.Item>
        )}
      </>
    );
  }
  return form.counts.map(({ id, name }) => (
    <Form.Item
      key={id}
      name={['quantities', id]}
      label={both(name)}
      rules={[required, numberRule({ min: 0, whole: true })]}
    >
      <InputNumber style={{ width: '100%' }} />
    </Form.Item>
  ));
}

interface ClaimModalProps {
  readonly rubric: string;
  readonly item: string;
  readonly onClose: () => void;
}

/** Claims an item: its level or number, the functions that are there, on what it rests, and for how long. */
export function ClaimModal({ rubric, item, onClose }: ClaimModalProps) {
  const form = useQuery({
    queryKey: [...keys.claims, 'form', rubric, item],
    queryFn: () => registerApi.claimForm(rubric, item),
  });
  return form.data === undefined ? null : <Filled rubric={rubric} form={form.data} onClose={onClose} />;
}

function Filled({ rubric, form, onClose }: { rubric: string; form: ClaimForm; onClose: () => void }) {
  const t = useWords();
  const both = useBilingual();
  const client = useQueryClient();
  const notify = useNotify();
  const today = useParkTime()(Date.now(), 'day');
  const required = { required: true, message: t('common.required') };
  const dayRule = { ...required, pattern: dayPattern };
  return (
    <FormModal<Values>
      title={`${t('claim.add')} · ${both(form.name)}`}
      action={t('claim.add')}
      width={640}
      initial={{
        from: today,
        until: `${Number(today.slice(0, 4)) + 1}${today.slice(4)}`,
        ...(form.units.length === 1 ? { unit: form.units[0] ?? '' } : {}),
      }}
      onClose={onClose}
      onSubmit={async ({ statement, documents = [], from, until, functions = [], ...content }) => {
        await registerApi.claim({
          rubric,
          item: form.item,
          content: { ...content, functions },
          statement,
          documents: [...documents],
          from,
          until,
        });
        notify.done(t('claim.made'));
        await Promise.all(
          [keys.claims, keys.assessment].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
      }}
    >
      <p className="soft small">
        {t('claim.points', { points: formatLoose(form.maximum, 2) })}
        {form.convention === null ? '' : ` · ${both(form.convention)}`}
      </p>
      <Claimed form={form} />
      {form.functions.length === 0 ? null : (
        <Form.Item name="functions" label={t('claim.functions')}>
          <Checkbox.Group
            options={form.functions.map(({ id, name }) => ({ value: id, label: both(name) }))}
            style={{ display: 'grid', gap: 4 }}
          />
        </Form.Item>
      )}
      <Form.Item
        name="statement"
        label={t('claim.statement')}
        extra={t('claim.statementHint')}
        rules={[{ ...required, whitespace: true }]}
      >
        <Input.TextArea maxLength={2_000} autoSize={{ minRows: 2, maxRows: 8 }} />
      </Form.Item>
      <Form.Item name="documents" label={t('record.documents')}>
        <DocumentsField />
      </Form.Item>
      <div className="row">
        <Form.Item name="from" label={t('claim.from')} rules={[dayRule]}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="until" label={t('claim.until')} rules={[dayRule]}>
          <Input type="date" />
        </Form.Item>
      </div>
    </FormModal>
  );
}
