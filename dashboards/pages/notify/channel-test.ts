import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { after } from '../../app/clock.ts';
import { ApiProblem } from '../../app/client.ts';
import { useWords } from '../../app/i18n.ts';
import type { Channel } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { useNotify } from '../../components/notify.ts';

const lookEveryMs = 1_000;
/** An attempt may take ten seconds. */
const looks = 20;

/** Sends something to see that it arrives, and waits until it is known what came of it. */
export function useDeliveryTest(send: (id: string) => Promise<{ readonly deliveryId: string }>): {
  readonly testing: string | null;
  readonly test: (channel: Pick<Channel, 'id' | 'name'>) => Promise<void>;
} {
  const t = useWords();
  const notify = useNotify();
  const client = useQueryClient();
  const { notification } = App.useApp();
  const [testing, setTesting] = useState<string | null>(null);
  const test = async ({ id, name }: Pick<Channel, 'id' | 'name'>) => {
    setTesting(id);
    try {
      const { deliveryId } = await send(id);
      for (let look = 0; look < looks; look++) {
        await new Promise<void>((resolve) => void after(lookEveryMs, resolve));
        const { state, lastError } = await notifyApi.delivery(deliveryId);
        if (state === 'delivered') return notify.done(t('notify.channel.testDone', { name }));
        if (state === 'dead') throw new Error(t('notify.channel.testDead', { reason: lastError ?? '' }));
      }
      throw new Error(t('notify.channel.testWaiting'));
    } catch (error) {
      if (error instanceof ApiProblem) notify.failed(error);
      else notification.error({ title: name, description: (error as Error).message, duration: 0 });
    } finally {
      setTesting(null);
      await client.invalidateQueries({ queryKey: keys.notify });
    }
  };
  return { testing, test };
}
