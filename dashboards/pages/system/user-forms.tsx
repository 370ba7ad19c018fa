import { useQueryClient } from '@tanstack/react-query';
import { DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import type { Role } from '#schemas/roles.ts';
import { roles } from '#schemas/roles.ts';
import type { OneTimePassword, User } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useSession } from '../../app/session.ts';
import { instantOf, pickerDate } from '../../components/dates.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';

/** What schemas/api/people.ts asks of a user name. */
const usernamePattern = /^[a-z][a-z0-9._-]{1,31}$/;

interface AccountValues {
  readonly displayName: string;
  readonly role: Role;
  readonly expires?: Dayjs | null;
}

function AccountFields() {
  const t = useWords();
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <Form.Item name="displayName" label={t('people.displayName')} rules={[required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="role" label={t('people.role')} rules={[required]}>
        <Select
          options={roles.map((role) => ({
            value: role,
            label: `${t(`role.${role}`)} · ${t(`roleHint.${role}`)}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="expires" label={t('people.expiresAt')} extra={t('people.expiresHint')}>
        <DatePicker />
      </Form.Item>
    </>
  );
}

interface CreateUserProps {
  readonly onSecret: (secret: OneTimePassword) => void;
  readonly onClose: () => void;
}

/** The account begins with a one-time password that is shown once. */
export function CreateUser({ onSecret, onClose }: CreateUserProps) {
  const t = useWords();
  const client = useQueryClient();
  const { timeZone } = useSession();
  return (
    <FormModal<AccountValues & { username: string }>
      title={t('people.add')}
      action={t('people.add')}
      initial={{ role: 'viewer' }}
      onClose={onClose}
      onSubmit={async ({ username, displayName, role, expires }) => {
        const expiresAt = instantOf(expires?.startOf('day'), timeZone);
        onSecret(await api.createUser({ username, displayName, role, expiresAt }));
        await client.invalidateQueries({ queryKey: keys.users });
      }}
    >
      <Form.Item
        name="username"
        label={t('people.username')}
        extra={t('people.usernameRule')}
        rules={[{ required: true, pattern: usernamePattern, message: t('people.usernameRule') }]}
      >
        <Input className="mono" autoCapitalize="none" autoComplete="off" spellCheck={false} />
      </Form.Item>
      <AccountFields />
    </FormModal>
  );
}

export function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { timeZone } = useSession();
  const expires = user.expiresAt === null ? null : pickerDate(user.expiresAt, timeZone);
  return (
    <FormModal<AccountValues>
      title={`${t('common.edit')} ${user.username}`}
      action={t('common.save')}
      initial={{ displayName: user.displayName, role: user.role, expires }}
      onClose={onClose}
      onSubmit={async (values) => {
        const expiresAt = instantOf(values.expires?.startOf('day'), timeZone);
        await api.changeUser(user.id, { displayName: values.displayName, role: values.role, expiresAt });
        await client.invalidateQueries({ queryKey: keys.users });
        notify.done(t('people.changed', { name: user.username }));
      }}
    >
      <AccountFields />
    </FormModal>
  );
}
