// Credentials in URLs must never reach a log, a metric, an error or a message.

const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)([^\s/?#"']*)@/gi;
const SECRET_PARAMETERS =
  /([?&](?:password|passwd|pwd|pass|token|secret|key|auth|user|usr)=)[^&\s"']*/gi;

/** Replaces user names, passwords and secret query values in every URL inside `text` by `***`. */
export const redactUrl = (text: string): string =>
  text.replace(URL_CREDENTIALS, '$1***@').replace(SECRET_PARAMETERS, '$1***');
