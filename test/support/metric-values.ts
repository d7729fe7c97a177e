// Reads values from a daemon's /metrics.

export type MetricValues = (name: string, labels?: string) => number;

/** Sums the samples of a metric whose labels contain the text. */
export const readMetrics = async (httpUrl: string): Promise<MetricValues> => {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return (name, labels = '') =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => line.includes(labels))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};
