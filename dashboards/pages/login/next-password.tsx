import { Form, Input } from 'antd';
import { useWords } from '../../app/i18n.ts';

/** What the fields bring to their form. */
export interface NextPassword {
  readonly next: string;
  readonly repeat: string;
}

const shortest = 10;

/** The fields of a form in which somebody chooses a password: the password, and the same again. */
export function NextPasswordFields({ autoFocus = false }: { autoFocus?: boolean }) {
  const t = useWords();
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <Form.Item
        name="next"
        label={t('login.next')}
        extra={t('login.rule')}
        rules={[required, { min: shortest, message: t('login.rule') }]}
      >
        <Input.Password autoFocus={autoFocus} autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t('login.repeat')}
        dependencies={['next']}
        rules={[
          required,
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('next')
                ? Promise.resolve()
                : Promise.reject(new Error(t('login.mismatch'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  );
}
