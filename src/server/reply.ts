// What a route answers, before it is written.

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** The body is one for all who ask, so that it takes no memory of its own while it waits to be taken. */
  readonly isShared?: boolean;
}

export const json = (status: number, value: object): Reply => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

/** Names the query parameters that nothing answers to; undefined when there are none. */
export const unknownParameters = (url: URL, known: readonly string[]): Reply | undefined => {
  const unknown = [...new Set(url.searchParams.keys())].filter((name) => !known.includes(name));
  if (unknown.length === 0) return undefined;
  const allowed = known.length === 0 ? 'there are none here' : `known: ${known.join(', ')}`;
  const names = unknown.map((name) => JSON.stringify(name.slice(0, 40))).join(', ');
  return json(400, { error: `unknown query parameter ${names}; ${allowed}` });
};
