// The site's frame. Guides are listed by hand, in the order in which one reads them; the rest as it was made.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const site = fileURLToPath(new URL('..', import.meta.url))

/** What each entry of the reference is imported as. */
const modules = { index: '@streamflow/sdk', node: '…/node', react: '…/react', chain: '…/chain', errors: '…/errors', payments: '…/payments', media: '…/media', protocol: '…/protocol' }

const guides = [
  { text: 'Five minutes to your own page', link: '/guide/start' },
  { text: 'Wallet and budget', link: '/guide/wallet' },
  { text: 'Choosing orchestrators', link: '/guide/market' },
  { text: 'Publishing', link: '/guide/publishing' },
  { text: 'Watching', link: '/guide/watching' },
  { text: 'From Node', link: '/guide/node' },
  { text: 'Handling errors', link: '/guide/errors' },
  { text: 'Before production', link: '/guide/production' },
  { text: 'Browsers', link: '/guide/browsers' },
  { text: 'Troubleshooting', link: '/guide/troubleshooting' },
]

/** The first heading of a page. */
const readTitle = (path) => /^# (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? path

function listOperatorsPages() {
  const folder = `${site}operators`
  if (!existsSync(folder)) return []
  return readdirSync(folder).sort((a, b) => Number(b === 'index.md') - Number(a === 'index.md')).map((name) => ({ text: readTitle(`${folder}/${name}`), link: `/operators/${name.replace(/(index)?\.md$/, '')}` }))
}

export default {
  title: 'Streamflow',
  description: 'Live video from a browser camera, transcoded by an open market of machines, paid per segment by lottery ticket',
  base: '/docs/',
  cleanUrls: false,
  // What its authors want to know, a reader need not wait for.
  metaChunk: true,
  themeConfig: {
    nav: [{ text: 'Guide', link: '/guide/start' }, { text: 'Reference', link: '/reference/' }, { text: 'Errors', link: '/errors' }, { text: 'Operators', link: '/operators/' }, { text: 'Changelog', link: '/changelog' }],
    sidebar: {
      '/guide/': [{ text: 'Guide', items: guides }],
      '/operators/': [{ text: 'Operators', items: listOperatorsPages() }],
      '/reference/': [{ text: 'Reference', items: Object.entries(modules).map(([name, text]) => ({ text, link: `/reference/${name}/` })) }],
    },
    search: { provider: 'local' },
    outline: [2, 3],
  },
}
