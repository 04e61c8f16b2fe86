// Whether what is in force on chain is what a deployment was to be.

/** What is read under another name than it is set under. */
const OTHER_NAMES = { roundLength: 'length' }

/** What was deployed of a parameter that is read; undefined if it is none. */
export function findDeployed(name, deployed = {}) {
  return deployed[OTHER_NAMES[name] ?? name]
}

/**
 * @param {Awaited<ReturnType<typeof import('./readParameters.mjs').readParameters>>} shown
 * @param {Record<string, any>} parameters - of the deployment
 * @returns {string[]} what is not as it was deployed, and what should be so of no deployment, in words; empty if all is well
 */
export function findUnlike(shown, parameters) {
  const { accessManager, members, delays } = shown.roles
  const unlike = []
  for (const [contract, { paused, authority, ...fields }] of Object.entries(shown)) {
    if (paused === true) unlike.push(`${contract} is paused`)
    if (authority !== undefined && authority.toLowerCase() !== accessManager.toLowerCase()) unlike.push(`${contract} obeys ${authority}`)
    for (const [name, value] of Object.entries({ ...fields, ...fields.parameters })) {
      const before = findDeployed(name, parameters[contract])
      if (before !== undefined && String(before) !== String(value)) unlike.push(`${contract}.${name} is ${value}, deployed with ${before}`)
    }
  }
  if (shown.ticketBroker.redemptionHalted === true) unlike.push('redemption is halted')
  const { adminDelay, governorDelay } = parameters.governance
  for (const [role, what, delay] of [[0, 'administrator', adminDelay], [2, 'governor', governorDelay]]) {
    for (const account of members[role] ?? []) if (Number(delays[role][account]) !== Number(delay)) unlike.push(`${what} ${account} acts after ${delays[role][account]} s, deployed with ${delay}`)
  }
  return unlike
}
