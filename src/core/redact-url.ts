// Credentials in addresses must never reach a log, a metric, an error or a message. The one place that knows where
// they stand: before the host (with or without a scheme), and in parameters of the query or of the path, plain or
// percent-encoded as an address inside another is.
// Word by word and without backtracking: what is redacted may come from the network.

const MASK = '***';
const SECRET_NAME =
  /pass?|pwd|psw|token|secret|key|auth|use?r|login|cred|jwt|session|^(?:pw|pin|code|hash|ticket|sig|signature|[a-z-]+-signature)$/i;
/** Any other parameter of a query may be a secret: cameras call it what they like. */
const HARMLESS_NAME =
  /^(?:action|bitrate|camera|channel|codec|compression|date|duration|format|fps|height|limit|loop|quality|rate|resolution|rotation|scale|size|stream|subtype|time|timeout|transport|type|width)$/i;
const HARMLESS_VALUE = /^[\w.:,*-]{0,24}$/;
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
  // The empty host has no user; another address may follow in the same word.
  if (word.startsWith('file:///', opening) && !word.includes('//', opening + 8)) return undefined;
  const slashes = word.indexOf('//');
  if (slashes !== -1 && slashes + 2 <= end) return { start: slashes + 2, end };
  const colon = word.indexOf(':', opening);
  return colon !== -1 && colon < end ? { start: opening, end } : undefined;
};

interface Parameter extends Span {
  /** Its name says that it is a secret. */
  readonly isTelling: boolean;
}

/** What follows in the same value may still be of the secret. */
const parametersIn = (word: string): Parameter[] => {
  const spans: Parameter[] = [];
  const query = word.indexOf('?');
  const closing = word.length - closingChars(word);
  for (let at = word.indexOf('='), from: number; at !== -1; at = word.indexOf('=', from)) {
    from = at + 1;
    const name = NAME_AT_END.exec(word.slice(Math.max(0, at - MAX_NAME_CHARS), at))?.[0] ?? '';
    const isTelling = SECRET_NAME.test(name);
    const isInQuery = query !== -1 && query < at;
    if (!isTelling && !isInQuery) continue;
    const next = word.indexOf('&', from);
    const end = next === -1 ? closing : next;
    if (!isTelling && HARMLESS_NAME.test(name) && HARMLESS_VALUE.test(word.slice(from, end)))
      continue;
    if (end > from) spans.push({ start: from, end, isTelling });
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

/** Visible ASCII only, encoded once or more often: a line break must not come into being here. */
const ENCODED = /%(?:25)*([2-7][\da-f])/gi;
const readable = (text: string): string =>
  text.replace(ENCODED, (code, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return char === ' ' || char === '\x7F' ? code : char;
  });

/** Shown decoded only where there was something to hide in the decoded form. */
const redactEncoded = (word: string): string => {
  const plain = readable(word);
  if (plain === word) return word;
  const redacted = redactWord(plain);
  return redacted === plain ? word : redacted;
};

/** `//user:a password@`: blanks end a word, but not a password. No address begins within, and no `:` is a port's. */
const WITH_BLANKS = /\/\/[^\s/@:?#[\]]*:(?!\d{1,5}[/?#,;:.)'"\]}])(?:(?!\/\/)[^\n@]){0,128}@/g;

/**
 * Replaces user names, passwords and secret parameters in every address inside `text` by `***`. `secrets`: texts never
 * to be shown, whatever form they are printed in.
 */
export const redactUrl = (text: string, secrets: readonly string[] = []): string =>
  secrets
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text)
    .replace(WITH_BLANKS, (match) => (/\s/.test(match) ? `//${MASK}@` : match))
    .replace(/\S+/g, (word) => (/[@=%]/.test(word) ? redactEncoded(redactWord(word)) : word));

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
  const parameters = parametersIn(url);
  const values = parameters
    .filter(({ isTelling }) => isTelling)
    .map(({ start, end }) => url.slice(start, end));
  // An address inside another: who opens it prints it decoded.
  const inner = parameters
    .map(({ start, end }) => decoded(url.slice(start, end)))
    .flatMap((value) =>
      value.length < url.length && value.includes('//') ? urlSecrets(value) : [],
    );
  // `user=U_password=P_channel=1` is one value above; its parts are printed alone too.
  const parts = values.flatMap((value) => {
    const secret = /(?:pass?|pwd|psw)[a-z]*=([^_;&]+)/i.exec(value)?.[1];
    return secret === undefined ? [value] : [value, secret];
  });
  return [...new Set([password, ...parts, ...inner].flatMap((secret) => [secret, decoded(secret)]))]
    .filter((secret) => secret.length >= SHORTEST_SECRET_CHARS)
    .sort((a, b) => b.length - a.length);
};
