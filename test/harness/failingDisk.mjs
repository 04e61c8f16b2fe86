// Preloaded into a process (`node --import`): while the file `disk-fails` is in its folder, nothing can be synced any more, as
// on a disk that died.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { fdatasync } = fs
fs.fdatasync = (file, done) => {
  if (fs.existsSync('disk-fails')) setImmediate(done, Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
  else fdatasync(file, done)
}
syncBuiltinESMExports()
