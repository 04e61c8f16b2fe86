// Preloaded into a process (`node --import`): its wall clock is CLOCK_SHIFT_MS ahead of the machine's, as on a machine
// that nobody set right. Timers and `performance` go on as they do.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0)
const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs)
    else super(...args)
  }

  static now() {
    return RealDate.now() + shiftMs
  }
}
