export { getDomain, parseNetwork, type Network } from './network.js'
