import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '#test/kit/tree.ts';

/** A process of a benchmark that answers each message with one message, in order. */
export interface Worker<Question, Answer> extends AsyncDisposable {
  ask(question: Question): Promise<Answer>;
}

/** @param file from the root of the repository */
export function startWorker<Question extends object, Answer>(file: string): Worker<Question, Answer> {
  const child = fork(join(root, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting: PromiseWithResolvers<Answer>[] = [];
  let isEnding = false;
  child.on('message', (answer) => waiting.shift()?.resolve(answer as Answer));
  child.on('exit', (code, signal) => {
    const error = new Error(`${file} ended (${code ?? signal})`);
    for (const each of waiting.splice(0)) each.reject(error);
    if (!isEnding) throw error;
  });
  return {
    ask(question) {
      const answer = Promise.withResolvers<Answer>();
      waiting.push(answer);
      child.send(question);
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
