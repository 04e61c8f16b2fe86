/** Whether what ffmpeg said last means that a device has no room, as opposed to being broken. */

/** By NVIDIA: too many sessions (consumer cards run few), or no memory; by VAAPI and QSV: no memory, no surface. */
const signs = [
  /OpenEncodeSessionEx failed: (out of memory|incompatible client key)/i,
  /CUDA_ERROR_OUT_OF_MEMORY/,
  /cuCtxCreate.*failed.*out of memory/i,
  /No (free )?(NVENC|encoding) sessions?/i,
  /(VA_STATUS_ERROR_ALLOCATION_FAILED|VA_STATUS_ERROR_HW_BUSY|resource allocation failed)/i,
  /MFX_ERR_MEMORY_ALLOC|device (is )?busy/i,
]

export function isFull(stderr: string): boolean {
  return signs.some((sign) => sign.test(stderr))
}
