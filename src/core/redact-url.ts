// Credentials in addresses must never reach a log, a metric, an error or a message. The one place that knows where
// they stand: before the host (with or without a scheme), and in parameters of the query or of the path.
// Word by word and without backtracking: what is redacted may come from the network.

const MASK = '***';
const SECRET_NAME =
  /pass?|pwd|psw|token|secret|key|auth|use?r|login|cred|jwt|session|^(?:sig|signature|[a-z-]+-signature)$/i;
/** A parameter's name is at the end of what stands before its `=`; longer ones are none. */
const MAX_NAME_CHARS = 64;
const NAME_AT_END = /[\w.[\]%-]+$/;
const OPENING = /^["'`(<[{]+/;
const CLOSING = /["'`)>\]},.:;]*$/;
/** Shorter ones would blot out half of every message; where they stand in an address they are found anyway. */
const SHORTEST_SECRET_CHARS = 4;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** From the first `//` or, without one, from the start of the word, to the last `@`: passwords hold `/`, `?` and `@`. */
const credentialsIn = (word: string): Span | undefined => {
  const end = word.lastIndexOf('@');
  if (end <= 0) return undefined;
  const opening = OPENING.exec(word.slice(0, MAX_NAME_CHARS))?.[0].length ?? 0;
  if (word.startsWith('file:', opening)) return undefined;
  const slashes = word.indexOf('//');
  if (slashes !== -1 && slashes + 2 <= end) return { start: slashes + 2, end };
  const colon = word.indexOf(':', opening);
  return colon !== -1 && colon < end ? { start: opening, end } : undefined;
};

/** The values of parameters with telling names; what follows in the same value may still be of the secret. */
const parametersIn = (word: string): Span[] => {
  const spans: Span[] = [];
  for (let at = word.indexOf('='), from: number; at !== -1; at = word.indexOf('=', from)) {
    from = at + 1;
    const name = NAME_AT_END.exec(word.slice(Math.max(0, at - MAX_NAME_CHARS), at))?.[0] ?? '';
    if (!SECRET_NAME.test(name)) continue;
    const next = word.indexOf('&', from);
    const end = next === -1 ? word.length - closingChars(word) : next;
    if (end > from) spans.push({ start: from, end });
    from = Math.max(from, end);
  }
  return spans;
};

const closingChars = (word: string): number =>
  CLOSING.exec(word.slice(-2))?.[0].replace(/^[.:;]$/, '').length ?? 0;

/** Spans may overlap: what is a password to one may hold a parameter to the other. */
const redactWord = (word: string): string => {
  const credentials = credentialsIn(word);
  const spans = [...(credentials === undefined ? [] : [credentials]), ...parametersIn(word)];
  spans.sort((a, b) => a.start - b.start);
  let text = '';
  let from = 0;
  for (const { start, end } of spans) {
    if (start >= from) text += `${word.slice(from, start)}${MASK}`;
    from = Math.max(from, end);
  }
  return text + word.slice(from);
};

/**
 * Replaces user names, passwords and secret parameters in every address inside `text` by `***`. `secrets`: texts never
 * to be shown, whatever form they are printed in.
 */
export const redactUrl = (text: string, secrets: readonly string[] = []): string =>
  secrets
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text)
    .replace(/\S+/g, (word) => (/[@=]/.test(word) ? redactWord(word) : word));

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The secrets inside an address as typed and as decoded, longest first, to be struck from what others print of it. */
export const urlSecrets = (url: string): string[] => {
  const credentials = credentialsIn(url);
  const userInfo = credentials === undefined ? '' : url.slice(credentials.start, credentials.end);
  const password = userInfo.includes(':') ? userInfo.slice(userInfo.indexOf(':') + 1) : '';
  const values = parametersIn(url).map(({ start, end }) => url.slice(start, end));
  // `user=U_password=P_channel=1` is one value above; its parts are printed alone too.
  const parts = values.flatMap((value) => {
    const secret = /(?:pass?|pwd|psw)[a-z]*=([^_;&]+)/i.exec(value)?.[1];
    return secret === undefined ? [value] : [value, secret];
  });
  return [...new Set([password, ...parts].flatMap((secret) => [secret, decoded(secret)]))]
    .filter((secret) => secret.length >= SHORTEST_SECRET_CHARS)
    .sort((a, b) => b.length - a.length);
};
