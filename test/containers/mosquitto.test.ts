import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { GenericContainer, Wait } from 'testcontainers';
import { expect, test } from 'vitest';
import { hasDocker } from '#test/kit/containers.ts';
import { readText, root } from '#test/kit/tree.ts';

/** The image that docker-compose.yml names, with the settings that we ship. */
const image = /image: (eclipse-mosquitto:\S+)/.exec(readText('docker-compose.yml'))?.[1] ?? '';

test.skipIf(!(await hasDocker('mosquitto')))(
  'the shipped settings start in the shipped image and refuse a wrong password',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parkwatch-mosquitto-'));
    await writeFile(
      join(folder, 'start.sh'),
      'mosquitto_passwd -b -c /mosquitto/data/passwords parkwatch right && chown mosquitto:mosquitto /mosquitto/data/passwords && exec mosquitto -c /mosquitto/config/mosquitto.conf',
    );
    const container = await new GenericContainer(image)
      .withCopyFilesToContainer([
        { source: join(root, 'infra/mosquitto/mosquitto.conf'), target: '/mosquitto/config/mosquitto.conf' },
        { source: join(folder, 'start.sh'), target: '/start.sh' },
      ])
      .withCommand(['sh', '/start.sh'])
      .withExposedPorts(1883)
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    await using _stopping = { [Symbol.asyncDispose]: async () => void (await container.stop()) };
    const url = `mqtt://${container.getHost()}:${container.getMappedPort(1883)}`;
    const client = await mqtt.connectAsync(url, { username: 'parkwatch', password: 'right' });
    await client.publishAsync('park/v1/demo/d-1/telemetry', '{}', { qos: 1 });
    await client.endAsync();
    const refused = mqtt.connectAsync(url, { username: 'parkwatch', password: 'wrong', reconnectPeriod: 0 });
    await expect(refused).rejects.toThrow();
  },
);
