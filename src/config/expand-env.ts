// Puts environment variables into strings: `${NAME}`, `${NAME:-fallback}` (also when it is empty), and
// `$${` for a literal `${`. In the user, password and parameters of an address they are percent-encoded. Done on
// parsed data, so that a variable can never add YAML of its own.
import { pathText, type Path } from './problem.ts';

/** The schema is six levels deep; aliases that hold themselves have no end. */
const MAX_DEPTH = 16;

const PLACEHOLDER = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

export interface PathProblem {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly text: string;
  /** A variable that may be set another time; the rest is wrong in itself. */
  readonly isUnset?: boolean;
}

export interface Expansion {
  readonly value: unknown;
  /** Text as written, by path text, of every string that took something from the environment. */
  readonly writtenByPath: ReadonlyMap<string, string>;
  readonly problems: readonly PathProblem[];
}

type Environment = Readonly<Partial<Record<string, string>>>;

/** `scheme://user:` before it and `@` after it: what stands between is the password (or the user) of an address. */
const isInUserInfo = (before: string, after: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*$/i.test(before.replace(PLACEHOLDER, '')) &&
  /^[^/?#]*@/.test(after.replace(PLACEHOLDER, ''));

/** Behind the host and behind a `=`: what a parameter of the query or of the path is set to. */
const isParameter = (before: string): boolean =>
  /^(?:[a-z][a-z0-9+.-]*:\/\/[^?#]*?[/?]|\$\{[^}]*\}[^?]*\?).*=[^&;/?#=]*$/i.test(before);

/** Alone before the `@`: user and password in one, whose own colon stays. */
const isWholeUserInfo = (before: string, after: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\/$/i.test(before) && after.startsWith('@');

/** `before` and `after`: what is written on both sides of the variable. */
const fitting = (value: string, before: string, after: string): string => {
  const colon = value.indexOf(':');
  if (isWholeUserInfo(before, after) && colon !== -1) {
    const [user, password] = [value.slice(0, colon), value.slice(colon + 1)];
    return `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  }
  return isInUserInfo(before, after) || isParameter(before) ? encodeURIComponent(value) : value;
};

class Expander {
  readonly writtenByPath = new Map<string, string>();
  readonly problems: PathProblem[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  expand(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return this.#expandText(value, path);
    if (typeof value !== 'object' || value === null) return value;
    if (path.length >= MAX_DEPTH) {
      this.#complain(path, 'is nested too deeply');
      return undefined;
    }
    if (Array.isArray(value))
      return value.map((item, index) => this.expand(item, [...path, index]));
    const entries = Object.entries(value).filter(([key]) => {
      if (key !== '__proto__') return true;
      this.problems.push({ path: [...path, key], at: 'key', text: 'is not allowed as a key' });
      return false;
    });
    return Object.fromEntries(
      entries.map(([key, item]) => [key, this.expand(item, [...path, key])]),
    );
  }

  #expandText(text: string, path: Path): string {
    if (!text.includes('${')) return text;
    return text.replace(
      PLACEHOLDER,
      (match: string, name: string | undefined, fallback: string | undefined, offset: number) => {
        if (match === '$${') return '${';
        this.writtenByPath.set(pathText(path), text);
        if (name === undefined) {
          this.#complain(
            path,
            '${ is not closed, or holds no variable name; write $${ for a literal ${',
          );
          return match;
        }
        const value = this.#env[name];
        if (fallback !== undefined && (value === undefined || value === '')) return fallback;
        if (value !== undefined)
          return fitting(value, text.slice(0, offset), text.slice(offset + match.length));
        this.#complain(
          path,
          `the environment variable ${name} is not set; set it, or write \${${name}:-fallback}`,
          true,
        );
        return match;
      },
    );
  }

  #complain(path: Path, text: string, isUnset = false): void {
    this.problems.push({ path, at: 'value', text, isUnset });
  }
}

export const expandEnv = (value: unknown, env: Environment): Expansion => {
  const expander = new Expander(env);
  return {
    value: expander.expand(value, []),
    writtenByPath: expander.writtenByPath,
    problems: expander.problems,
  };
};
