// The credentials inside an address, so that they can be struck from any text whatever form ffmpeg
// prints them in. Complements redactUrl, which only recognises whole URLs.

/** Shorter ones would blot out half of every message; in a URL redactUrl still finds them. */
const SHORTEST_SECRET_CHARS = 4;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The password as typed and as decoded, longest first. */
export const urlSecrets = (url: string): string[] => {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/i.exec(url)?.[1] ?? '';
  const password = authority.includes(':') ? authority.slice(authority.indexOf(':') + 1) : '';
  return [...new Set([password, decoded(password)])]
    .filter((secret) => secret.length >= SHORTEST_SECRET_CHARS)
    .sort((a, b) => b.length - a.length);
};
