/** `@streamflow/sdk/player`: importing it defines `<streamflow-player>`. Needs the peer package media-chrome. */

import { StreamflowPlayerElement } from './StreamflowPlayerElement.js'

export { StreamflowPlayerElement, type StreamflowPlayerEventMap } from './StreamflowPlayerElement.js'

declare global {
  interface HTMLElementTagNameMap {
    'streamflow-player': StreamflowPlayerElement
  }
}

const { customElements: elements } = globalThis as Partial<typeof globalThis>
if (elements && !elements.get('streamflow-player')) elements.define('streamflow-player', StreamflowPlayerElement)
