// What a child process gets of this process's environment: what ffmpeg needs to run, find its libraries and reach
// its sources. Nothing else, because the daemon's environment holds passwords and tokens that are none of its business.

const PASSED_ON = new Set([
  ...['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'TZ', 'LANG', 'LC_ALL', 'LC_CTYPE'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SYSTEMROOT', 'WINDIR', 'PATHEXT'],
  // Read by ffmpeg's own TLS and HTTP.
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'HTTP_PROXY', 'NO_PROXY'],
]);

/** Names are compared without regard to case: proxies are written in small letters, and Windows does not care. */
export const childEnvironment = (
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): Record<string, string> => {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && PASSED_ON.has(name.toUpperCase())) passed[name] = value;
  }
  return passed;
};
