/** The prebuilt bundle of simple-peer: self-contained, asks for no Node globals. */
declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer'
  export default SimplePeer
}
