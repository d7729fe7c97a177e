// The last lines that ffmpeg wrote to stderr, for the error message when it fails. Bounded in lines
// and in line length whatever the child writes, and free of credentials.
import { redactUrl } from '../../core/redact-url.ts';

export interface StderrRingOptions {
  readonly maxLines: number;
  readonly maxLineChars: number;
  /** Texts never to be shown, as they stand (a password as typed and as decoded). */
  readonly secrets: readonly string[];
}

export class StderrRing {
  readonly #options: StderrRingOptions;
  readonly #lines: string[] = [];
  #unfinished = '';
  #isSkipping = false;

  constructor(options: StderrRingOptions) {
    this.#options = options;
  }

  push(text: string): void {
    const { maxLines, maxLineChars } = this.#options;
    const pieces = text.split(/[\r\n]+/);
    const last = pieces.length - 1;
    pieces.forEach((piece, index) => {
      if (!this.#isSkipping) {
        this.#unfinished += piece;
        if (this.#unfinished.length > maxLineChars) {
          // Cut between words: half a URL would no longer be recognised, and its password kept.
          const cut = this.#unfinished.slice(0, maxLineChars).replace(/\S*$/, '');
          this.#unfinished = `${cut}…`;
          this.#isSkipping = true;
        }
      }
      if (index === last) return;
      if (this.#unfinished.trim() !== '') this.#lines.push(this.#unfinished.trim());
      if (this.#lines.length > maxLines) this.#lines.shift();
      this.#unfinished = '';
      this.#isSkipping = false;
    });
  }

  /** Oldest first, redacted; includes a last line that was not ended. */
  lines(): string[] {
    const lines = this.#unfinished.trim() === '' ? this.#lines : [...this.#lines, this.#unfinished];
    return lines.map((line) => this.#redact(line));
  }

  #redact(line: string): string {
    return redactUrl(line, this.#options.secrets);
  }
}
