// Who is who on the local chain: the first accounts of anvil's well-known mnemonic. Their keys are public, worthless elsewhere.

/** Deploys the contracts and hands out tokens and ether. */
export const deployerKey = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
/** The development wallet of the studio and the demo. */
export const developmentKey = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
/** anvil's chain id. */
export const localChainId = 31_337
