// When the samples of fragmented MP4 are, as its boxes say (ISO/IEC 14496-12 §8.8).

function* boxesOf(bytes, from = 0, to = bytes.length) {
  for (let at = from; at + 8 <= to; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8) return
    yield { type: bytes.toString('latin1', at + 4, at + 8), from: at + 8, to: at + size }
    at += size
  }
}

function findBox(bytes, [type, ...rest], from = 0, to = bytes.length) {
  for (const box of boxesOf(bytes, from, to)) if (box.type === type) return rest.length === 0 ? box : findBox(bytes, rest, box.from, box.to)
  return undefined
}

/** @param {Buffer} init @returns {number} ticks per second */
export function readTimescale(init) {
  const { from } = findBox(init, ['moov', 'trak', 'mdia', 'mdhd'])
  return init.readUInt32BE(from + (init[from] === 1 ? 20 : 12))
}

/** @param {Buffer} media @returns {{ start: number, duration: number, isSync: boolean }[]} each fragment, in ticks */
export function readFragments(media) {
  return [...boxesOf(media)].filter(({ type }) => type === 'moof').map(({ from, to }) => {
    const tfdt = findBox(media, ['traf', 'tfdt'], from, to)
    const trun = findBox(media, ['traf', 'trun'], from, to)
    const start = media[tfdt.from] === 1 ? Number(media.readBigUInt64BE(tfdt.from + 4)) : media.readUInt32BE(tfdt.from + 4)
    const flags = media.readUIntBE(trun.from + 1, 3)
    const count = media.readUInt32BE(trun.from + 4)
    const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0)
    const samples = trun.from + 8 + ((flags & 1) !== 0 ? 4 : 0) + ((flags & 4) !== 0 ? 4 : 0)
    const field = (sample, flag) => media.readUInt32BE(samples + 4 * (sample * fields.length + fields.indexOf(flag)))
    let duration = 0
    for (let i = 0; i < count; i++) duration += field(i, 0x100)
    return { start, duration, isSync: (field(0, 0x400) & 0x10000) === 0 }
  })
}
