// webpack by its API: its command line is a package of its own.
import webpack from 'webpack'

const options = { mode: 'production', context: import.meta.dirname, entry: './page.js', output: { path: `${import.meta.dirname}/out-webpack`, filename: 'page.js', module: true, chunkFormat: 'module' }, experiments: { outputModule: true }, performance: { hints: false }, optimization: { minimize: false } }
webpack(options, (error, stats) => {
  if (error === null && !stats.hasErrors() && !stats.hasWarnings()) return
  console.error(error ?? stats.toString({ preset: 'errors-warnings' }))
  process.exit(1)
})
