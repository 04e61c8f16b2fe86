// From CommonJS, where Node has `require` of modules.
const { errorCodes } = require('@streamflow/sdk/errors')
const { broadcast } = require('@streamflow/sdk/node')
const { deploy } = require('@streamflow/contracts/deploy')
console.log(JSON.stringify({ codes: Object.keys(errorCodes).length, broadcast: typeof broadcast, deploy: typeof deploy }))
