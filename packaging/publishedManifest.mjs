// A package's description as its users get it: without what only this repository knows. npm packs the file that lies
// there and has no field that would say otherwise, so `prepack` and `postpack` swap the two.

/** The export condition by which this repository's own tools find sources instead of builds. */
const sourceCondition = '@streamflow/source'
/** Fields that mean something in the repository alone. */
const ownFields = ['scripts', 'devDependencies']

function withoutSources(target) {
  if (typeof target !== 'object') return target
  const entries = Object.entries(target).filter(([condition]) => condition !== sourceCondition)
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutSources(inner)]))
}

/**
 * @param {Record<string, unknown> & { exports: Record<string, unknown> }} manifest - as it stands in the repository
 * @returns {Record<string, unknown>} what is published
 */
export function publishedManifest(manifest) {
  const published = Object.fromEntries(Object.entries(manifest).filter(([field]) => !ownFields.includes(field)))
  return { ...published, exports: withoutSources(manifest.exports) }
}
