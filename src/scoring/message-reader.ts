// Cuts a byte stream into the messages of scorer-message.ts, whatever its chunk boundaries.
import { parseHeaderText, PREFIX_BYTES, readPrefix } from './scorer-message.ts';

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

  /**
   * Returns the messages that the chunk completes; their payloads are their own memory.
   *
   * @throws PatchwatchError SCORER_MESSAGE_INVALID; nothing can be read after it: the stream is out of step
   */
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
      const { headerBytes, payloadBytes } = readPrefix(this.#prefix);
      this.#headerBytes = headerBytes;
      this.#body = Buffer.allocUnsafeSlow(headerBytes + payloadBytes);
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
      header: parseHeaderText(body.toString('utf8', 0, this.#headerBytes)),
      payload: body.subarray(this.#headerBytes),
    };
  }
}
