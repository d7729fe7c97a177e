// `--json` prints exactly one JSON object to stdout; everything else goes to stderr.

export const printJson = (value: object): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};
