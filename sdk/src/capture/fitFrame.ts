/** Brings frames of any size and orientation into the one picture that a stream has. */

/** A size in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

const minSide = 16

/**
 * The coded size of a stream whose first frame has the given size: within the bounds, same shape, even sides.
 * An odd side loses one line; nothing is enlarged.
 */
export function computeCodedSize(frame: Size, bounds: { readonly maxWidth?: number; readonly maxHeight?: number }): Size {
  const scale = Math.min(1, (bounds.maxWidth ?? Infinity) / frame.width, (bounds.maxHeight ?? Infinity) / frame.height)
  const even = (side: number): number => Math.max(minSide, 2 * Math.floor(scale === 1 ? side / 2 : (side * scale + 1) / 2))
  return { width: even(frame.width), height: even(frame.height) }
}

/** Rotation as newer browsers give it; older ones deliver frames upright. */
interface Oriented {
  readonly rotation?: number
  readonly flip?: boolean
}

/** The size of a frame as it is to be seen. */
export function getUprightSize(frame: VideoFrame): Size {
  const isTurned = ((frame as Oriented).rotation ?? 0) % 180 !== 0
  const { displayWidth: width, displayHeight: height } = frame
  // Browsers disagree on whether the display size is already turned; the visible picture tells.
  const isDisplayTurned = frame.visibleRect !== null && isTurned && (frame.visibleRect.width - frame.visibleRect.height) * (width - height) < 0
  return isTurned && !isDisplayTurned ? { width: height, height: width } : { width, height }
}

/** Fits frames; see `createFrameFitter`. */
export interface FrameFitter {
  /** Returns a new frame of the coded size with the given timestamp (µs). The given frame stays the caller's. */
  fit(frame: VideoFrame, timestampUs: number): VideoFrame
}

/**
 * Creates a fitter for the coded size. A frame of that size, or odd by a line, passes without a copy; anything else
 * (a turned phone, a resized window, a smaller bound) is drawn upright into the middle, scaled, bars around it.
 */
export function createFrameFitter({ width, height }: Size): FrameFitter {
  let context: OffscreenCanvasRenderingContext2D | null | undefined

  const draw = (frame: VideoFrame, timestamp: number): VideoFrame => {
    context ??= new OffscreenCanvas(width, height).getContext('2d', { alpha: false, desynchronized: true })
    // Without a canvas the encoder scales what it gets.
    if (!context) return new VideoFrame(frame, { timestamp })
    const upright = getUprightSize(frame)
    const scale = Math.min(width / upright.width, height / upright.height)
    // Within a pixel of the whole picture: no bars.
    const fitted = { width: upright.width * scale, height: upright.height * scale }
    const drawn = { width: width - fitted.width < 2 ? width : fitted.width, height: height - fitted.height < 2 ? height : fitted.height }
    context.fillRect(0, 0, width, height)
    context.drawImage(frame, (width - drawn.width) / 2, (height - drawn.height) / 2, drawn.width, drawn.height)
    return new VideoFrame(context.canvas, { timestamp, alpha: 'discard' })
  }

  return {
    fit(frame, timestamp) {
      const { rotation = 0, flip = false } = frame as Oriented
      const rect = frame.visibleRect
      const isSquare = rect !== null && frame.displayWidth === rect.width && frame.displayHeight === rect.height
      if (!rect || rotation !== 0 || flip || !isSquare) return draw(frame, timestamp)
      if (rect.width === width && rect.height === height) return new VideoFrame(frame, { timestamp })
      const isOddBy1 = rect.width - width <= 1 && rect.width >= width && rect.height - height <= 1 && rect.height >= height
      if (!isOddBy1) return draw(frame, timestamp)
      try {
        return new VideoFrame(frame, { timestamp, visibleRect: { x: rect.x, y: rect.y, width, height }, displayWidth: width, displayHeight: height })
      } catch {
        // The crop does not fall on a whole chroma sample.
        return draw(frame, timestamp)
      }
    },
  }
}
