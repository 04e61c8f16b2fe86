// What simple-peer needs of `readable-stream` where nobody reads or writes it as a stream: events, and messages handed on as
// they come. Back-pressure is the channel's own (see transport/dialPeer.ts).
class Duplex {
  #listeners = new Map()
  _readableState = { ended: false }
  _writableState = { finished: false }

  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener])
    return this
  }

  once(name, listener) {
    const heard = (...values) => {
      this.removeListener(name, heard)
      listener.apply(this, values)
    }
    heard.listener = listener
    return this.on(name, heard)
  }

  removeListener(name, listener) {
    this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((each) => each !== listener && each.listener !== listener))
    return this
  }

  emit(name, ...values) {
    const listeners = this.#listeners.get(name) ?? []
    for (const listener of listeners) listener.apply(this, values)
    return listeners.length > 0
  }

  push(message) {
    if (message === null) this._readableState.ended = true
    else this.emit('data', message)
    return true
  }

  end() {
    this._writableState.finished = true
    this.emit('finish')
  }
}

module.exports = { Duplex }
