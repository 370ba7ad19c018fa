import { Query, type Connection } from 'pg';

/** Frontend messages ("Message Formats", PostgreSQL manual): a type, a big-endian length that counts itself, a body. */
const copyData = 0x64;
const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);
const lengthBytes = 4;

/**
 * COPY … FROM STDIN whose rows follow the statement at once. The server takes them whether it has answered or not, and
 * skips them when it refuses the statement; so a COPY needs no round trip of its own and may stand in a pipeline.
 */
export class CopyIn extends Query {
  readonly text: string;
  /** A whole file of COPY's binary format. */
  readonly file: Buffer;
  /** Told once: null, or why the server refused it. */
  readonly callback: (error: Error | null) => void;

  constructor(text: string, file: Buffer, done: (error: Error | null) => void) {
    super(text);
    this.text = text;
    this.file = file;
    this.callback = done;
    this.submit = (connection) => this.#send(connection);
  }

  /** The server asks for what is on its way already. */
  handleCopyInResponse(): void {
    // Nothing is left to send.
  }

  #send(connection: Connection): void {
    const { stream } = connection;
    const head = Buffer.alloc(1 + lengthBytes);
    head[0] = copyData;
    head.writeUInt32BE(this.file.length + lengthBytes, 1);
    stream.cork();
    connection.query(this.text);
    stream.write(head);
    stream.write(this.file);
    stream.write(copyDone);
    stream.uncork();
  }
}
