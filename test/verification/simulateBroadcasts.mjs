// What single looks come to over broadcasts: each of one source and one orchestrator, whose segments are drawn from those that
// were judged. The first that fails is the end; so is doubt that is too much for chance.
const looksPerBroadcast = 180
const broadcastsPerRow = 2_000

/**
 * @param {{ results: object[], parts: object, chance: () => number }} options - `parts`: of the SDK
 * @returns `rows`: of each kind and source of which any segment was in doubt, or of a cheat's passed; `honestLeft`, `cheatsKept`: shares of all broadcasts
 */
export function simulateBroadcasts({ results, parts: { isSuspect, unsuspected, weighDoubt }, chance }) {
  const groups = new Map()
  for (const result of results) {
    const { kind, source, preset } = result
    const label = `${kind}${kind === 'honest' ? ` (${preset})` : ''}, ${source}`
    groups.set(label, [...(groups.get(label) ?? []), result])
  }
  const simulate = (group) => {
    let suspicion = unsuspected
    for (let looks = 1; looks <= looksPerBroadcast; looks++) {
      const { outcome, doubts } = group[Math.floor(chance() * group.length)]
      if (outcome === 'failed') return { looks, isFound: true }
      if (doubts?.quality !== undefined) suspicion = weighDoubt(suspicion, doubts.quality)
      if (isSuspect(suspicion)) return { looks, isLeft: true }
    }
    return { looks: undefined }
  }
  const all = [...groups].map(([label, group]) => {
    const runs = Array.from({ length: broadcastsPerRow }, () => simulate(group))
    const ended = runs.filter(({ looks }) => looks !== undefined)
    const share = (of) => of.length / runs.length
    return {
      label, isHonest: group[0].kind === 'honest', isPlain: group.every(({ outcome, kind }) => outcome === (kind === 'honest' ? 'passed' : 'failed')),
      found: share(runs.filter(({ isFound }) => isFound)), left: share(runs.filter(({ isLeft }) => isLeft)),
      looks: ended.length === 0 ? undefined : ended.reduce((sum, { looks }) => sum + looks, 0) / ended.length,
    }
  })
  const mean = (rows, read) => (rows.length === 0 ? 0 : Number((rows.reduce((sum, row) => sum + read(row), 0) / rows.length).toFixed(5)))
  return {
    rows: all.filter(({ isPlain }) => !isPlain),
    honestLeft: mean(all.filter(({ isHonest }) => isHonest), ({ found, left }) => found + left),
    cheatsKept: mean(all.filter(({ isHonest }) => !isHonest), ({ found, left }) => 1 - found - left),
  }
}
