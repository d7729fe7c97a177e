// The YAML text with the way back from a setting to its line and column, which plain data has lost.
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from 'yaml';

import type { Path, Position, Problem } from './problem.ts';
import { syntaxProblem } from './yaml-syntax.ts';

/** How many values aliases may stand for: a few lines of YAML can otherwise fill any memory. */
const MAX_ALIASED = 100;

export interface SyntaxProblem extends Problem {
  /** The settings mean nothing then. */
  readonly isFatal: boolean;
}

const nodeKey = (pair: Pair): string | undefined =>
  isScalar(pair.key) ? String(pair.key.value) : undefined;

export class YamlSource {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  private constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  static parse(text: string): YamlSource {
    const lines = new LineCounter();
    // prettyErrors would put the line, and so maybe a password, into messages.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    return new YamlSource(document, lines);
  }

  /** Everything that is wrong with the YAML itself. */
  syntaxProblems(): SyntaxProblem[] {
    const aliases = this.#aliases();
    const unknown = aliases
      .slice(0, MAX_ALIASED)
      .filter((alias) => alias.resolve(this.#document) === undefined)
      .map((alias) => this.#syntaxProblem('BAD_ALIAS', alias.range?.[0] ?? 0));
    const surplus = aliases
      .slice(MAX_ALIASED, MAX_ALIASED + 1)
      .map((alias) => this.#syntaxProblem('RESOURCE_EXHAUSTION', alias.range?.[0] ?? 0));
    const errors = this.#document.errors.map(({ code, pos }) => this.#syntaxProblem(code, pos[0]));
    return [...errors, ...unknown, ...surplus];
  }

  /** Plain data. Throws when aliases stand for too much. */
  value(): unknown {
    return this.#document.toJS({ maxAliasCount: MAX_ALIASED });
  }

  /** Where the value stands; of its nearest parent when it is missing. */
  valuePosition(path: Path): Position | undefined {
    let node: Node | null = this.#document.contents;
    let found = node;
    for (const key of path) {
      node = this.#child(node, key);
      if (node === null) return this.#parentPosition(path, found);
      found = node;
    }
    return this.#at(found?.range?.[0] ?? 0);
  }

  /** Where the key stands; of the value when the path ends in a list. */
  keyPosition(path: Path): Position | undefined {
    const pair = this.#pair(path);
    return isNode(pair?.key) && pair.key.range
      ? this.#at(pair.key.range[0])
      : this.valuePosition(path);
  }

  /** Keys of a map in the order of the file (plain objects put numbers first). */
  keys(path: Path): string[] {
    const node = path.reduce<Node | null>(
      (parent, key) => this.#child(parent, key),
      this.#document.contents,
    );
    const map = this.#resolved(node);
    return isMap(map) ? map.items.map(nodeKey).filter((key) => key !== undefined) : [];
  }

  #syntaxProblem(code: YAMLError['code'], offset: number): SyntaxProblem {
    const isFatal = code !== 'DUPLICATE_KEY';
    return { position: this.#at(offset), text: syntaxProblem(code), isFatal };
  }

  #aliases(): Alias[] {
    const found: Alias[] = [];
    visit(this.#document, { Alias: (_key, node) => void found.push(node) });
    return found;
  }

  /** A missing value is reported at the key of what should hold it. */
  #parentPosition(path: Path, parent: Node | null): Position | undefined {
    for (let length = path.length - 1; length > 0; length--) {
      if (this.#pair(path.slice(0, length)) !== undefined) {
        return this.keyPosition(path.slice(0, length));
      }
    }
    return this.#at(parent?.range?.[0] ?? 0);
  }

  #pair(path: Path): Pair | undefined {
    const last = path.at(-1);
    const parent = path
      .slice(0, -1)
      .reduce<Node | null>((node, key) => this.#child(node, key), this.#document.contents);
    const map = this.#resolved(parent);
    return isMap(map) ? map.items.find((pair) => nodeKey(pair) === String(last)) : undefined;
  }

  #child(parent: Node | null, key: string | number): Node | null {
    const node = this.#resolved(parent);
    if (isSeq(node)) {
      const item = node.items[Number(key)];
      return isNode(item) ? item : null;
    }
    if (!isMap(node)) return null;
    const value = node.items.find((pair) => nodeKey(pair) === String(key))?.value;
    return isNode(value) ? value : null;
  }

  #resolved(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}
