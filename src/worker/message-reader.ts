// Cuts a byte stream into the messages of scorer-message.ts, whatever its chunk boundaries.
import { PREFIX_BYTES } from './scorer-message.ts';

/** A reply is a few maps; anything larger means that the stream is out of step. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

export interface Message {
  readonly header: unknown;
  readonly payload: Uint8Array;
}

export class MessageReader {
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixFilled = 0;
  #headerBytes = 0;
  #body: Buffer | undefined;
  #bodyFilled = 0;

  /** Returns the messages that the chunk completes; their payloads are their own memory. */
  push(chunk: Uint8Array): readonly Message[] {
    const messages: Message[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#body === undefined) offset += this.#fillPrefix(chunk.subarray(offset));
      else offset += this.#fillBody(chunk.subarray(offset), this.#body);
      if (this.#body !== undefined && this.#bodyFilled === this.#body.length) {
        messages.push(this.#finish(this.#body));
      }
    }
    return messages;
  }

  #fillPrefix(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, PREFIX_BYTES - this.#prefixFilled);
    this.#prefix.set(bytes.subarray(0, taken), this.#prefixFilled);
    this.#prefixFilled += taken;
    if (this.#prefixFilled === PREFIX_BYTES) {
      this.#headerBytes = this.#prefix.readUInt32LE(0);
      const total = this.#headerBytes + this.#prefix.readUInt32LE(4);
      if (total > MAX_MESSAGE_BYTES) throw new RangeError(`message of ${total} bytes`);
      this.#body = Buffer.allocUnsafeSlow(total);
      this.#bodyFilled = 0;
    }
    return taken;
  }

  #fillBody(bytes: Uint8Array, body: Buffer): number {
    const taken = Math.min(bytes.length, body.length - this.#bodyFilled);
    body.set(bytes.subarray(0, taken), this.#bodyFilled);
    this.#bodyFilled += taken;
    return taken;
  }

  #finish(body: Buffer): Message {
    this.#body = undefined;
    this.#prefixFilled = 0;
    return {
      header: JSON.parse(body.toString('utf8', 0, this.#headerBytes)) as unknown,
      payload: body.subarray(this.#headerBytes),
    };
  }
}
