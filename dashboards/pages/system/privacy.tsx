import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, InputNumber, Radio } from 'antd';
import { useState } from 'react';
import { identityModes, type IdentityPolicy } from '#schemas/api/identity.ts';
import { admins } from '#schemas/roles.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/session.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';

const mostDays = 3_660;

function EditPolicy({ policy, onClose }: { policy: IdentityPolicy; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const numberRule = useNumberRule();
  const notify = useNotify();
  return (
    <FormModal<IdentityPolicy>
      title={t('privacy.title')}
      action={t('common.save')}
      initial={policy}
      width={620}
      onClose={onClose}
      onSubmit={async (body) => {
        await fieldApi.changeIdentityPolicy(body);
        notify.done(t('privacy.saved'));
        await client.invalidateQueries({ queryKey: fieldKeys.identityPolicy });
      }}
    >
      <Form.Item name="mode" label={t('privacy.mode')} extra={t('privacy.fromNow')}>
        <Radio.Group
          options={identityModes.map((mode) => ({ value: mode, label: t(`privacy.modes.${mode}`) }))}
          style={{ display: 'flex', flexDirection: 'column', gap: 8 }}
        />
      </Form.Item>
      <Form.Item
        name="keepDays"
        label={t('privacy.keepDays')}
        extra={t('privacy.keepHint')}
        rules={[numberRule({ min: 1, max: mostDays, whole: true })]}
      >
        <InputNumber />
      </Form.Item>
    </FormModal>
  );
}

/** What becomes of card numbers, names and plates, and for how long. */
export function Privacy() {
  const t = useWords();
  const mayDecide = useMay(admins);
  const query = useQuery({ queryKey: fieldKeys.identityPolicy, queryFn: fieldApi.identityPolicy });
  const [editing, setEditing] = useState(false);
  return (
    <Loaded query={query}>
      {(policy) => (
        <Panel
          title={t('privacy.title')}
          actions={mayDecide ? <Button onClick={() => setEditing(true)}>{t('privacy.change')}</Button> : null}
        >
          <p>{t('privacy.what')}</p>
          <dl className="facts">
            <dt>{t('privacy.mode')}</dt>
            <dd>{t(`privacy.modes.${policy.mode}`)}</dd>
            <dt>{t('privacy.keepDays')}</dt>
            <dd className="num">{policy.keepDays}</dd>
          </dl>
          <p className="soft small">{t('privacy.keepHint')}</p>
          {editing ? <EditPolicy policy={policy} onClose={() => setEditing(false)} /> : null}
        </Panel>
      )}
    </Loaded>
  );
}
