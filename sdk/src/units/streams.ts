/** WHATWG streams, where a browser lacks them too. */

/** The classes that pipelines are made of. */
export interface Streams {
  readonly ReadableStream: typeof ReadableStream
  readonly WritableStream: typeof WritableStream
  readonly TransformStream: typeof TransformStream
}

/** The browser's own streams, or web-streams-polyfill where they are not whole; it is loaded only then and touches no globals. */
export async function loadStreams(): Promise<Streams> {
  const { ReadableStream, WritableStream, TransformStream } = globalThis as Partial<Streams>
  if (ReadableStream && WritableStream && TransformStream && 'pipeTo' in ReadableStream.prototype && 'pipeThrough' in ReadableStream.prototype) return { ReadableStream, WritableStream, TransformStream }
  return (await import('web-streams-polyfill')) as unknown as Streams
}
