/** What a browser wallet puts into the page (EIP-1193). */
interface Window {
  readonly ethereum: { request(request: { readonly method: string; readonly params?: unknown }): Promise<unknown> }
}
