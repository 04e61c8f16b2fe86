// The direction of every import in this repository. `npm run check:deps` fails on the first arrow that points up.
const SDK = ['errors', 'units', 'media', '(payments|verification)', 'protocol', '(chain|transport|capture|player|session)', 'market', 'broadcaster', 'actions', '(node|react|element)'] // each may import those to its left
const BROADCASTER = ['content', 'delivery', 'dispatch', '(money|verification)', 'report'] // of sdk/src/broadcaster, likewise
const SERVER = ['config', 'core', '(adapters|transcoding)', 'cli'] // likewise; main.ts and transcoder.ts may import all
const not = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to })
const TEST = '\\.(test|spec)\\.ts$'
const ordered = (root, list, source = `${root}/src`) =>
  list.slice(0, -1).map((folder, i) =>
    not(`${root}-${folder.replace(/\W/g, '')}-looks-left`, { path: `^${source}/${folder}/`, pathNot: TEST }, { path: `^${source}/(${list.slice(i + 1).join('|')})/` }, `${root}: ${list.join(' < ')}`))

module.exports = {
  forbidden: [
    ...ordered('sdk', SDK),
    ...ordered('broadcaster', BROADCASTER, 'sdk/src/broadcaster'),
    ...ordered('orchestrator', SERVER),
    not('sdk-knows-no-server', { path: '^sdk/', pathNot: TEST }, { path: '^(orchestrator|examples|test)/' }, 'the SDK ships to browsers; its tests do not'),
    not('contracts-know-nobody', { path: '^contracts/' }, { path: '^(sdk|orchestrator|examples)/' }, 'ABIs are the root of the tree'),
    not('server-uses-public-sdk', { path: '^orchestrator/' }, { path: '^sdk/src/(?!(index|[^/]+/index|node/cli/index)\\.ts$)' }, 'only an index.ts of sdk/ is public'),
    not('no-inner-barrel', { path: '^sdk/src/(?!.*index\\.ts$)', pathNot: TEST }, { path: '^sdk/src/.*index\\.ts$' }, 'index.ts is for consumers; inside, import the file'),
    not('code-knows-no-test', { path: '^(sdk|orchestrator)/src/', pathNot: TEST }, { path: `${TEST}|^(test|examples)/` }, 'tests import code, never the reverse'),
    { name: 'adapters-are-strangers', severity: 'error', comment: 'siblings meet only in main.ts', from: { path: '^orchestrator/src/adapters/([^/]+)/', pathNot: TEST }, to: { path: '^orchestrator/src/adapters/', pathNot: '^orchestrator/src/adapters/$1/' } },
    { name: 'no-node-in-browser-sdk', severity: 'error', comment: 'node: imports live in sdk/src/node only', from: { path: '^sdk/src/', pathNot: `^sdk/src/node/|${TEST}` }, to: { dependencyTypes: ['core'] } },
    { name: 'no-runtime-cycle', severity: 'error', comment: 'load-order bug', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-orphan', severity: 'error', comment: 'dead file', from: { orphan: true, pathNot: '\\.d\\.ts$|(^|/)index\\.ts$|\\.(mjs|cjs)$|\\.config\\.' }, to: {} },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { conditionNames: ['@streamflow/source', 'import', 'require', 'node', 'default'], exportsFields: ['exports'] },
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/' },
  },
}
