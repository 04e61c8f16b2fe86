/** Where a stream's long response is to be had: beside its master playlist, under the same query. */

/** What of the stream to send; what is absent is the server's choice: its default rendition, its newest segment. */
export interface FollowRequest {
  readonly rendition?: string | undefined
  readonly from?: number | undefined
}

/** Computes the address; `undefined` where there is none beside a playlist of another name. */
export function computeFollowUrl(masterUrl: string, base: string, { rendition, from }: FollowRequest): string | undefined {
  const url = URL.canParse(masterUrl, base) ? new URL(masterUrl, base) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || !url.pathname.endsWith('/master.m3u8')) return undefined
  url.pathname = url.pathname.slice(0, -'master.m3u8'.length) + 'follow'
  if (rendition !== undefined) url.searchParams.set('rendition', rendition)
  if (from !== undefined) url.searchParams.set('from', String(from))
  return url.href
}
