// The site's frame. Pages are listed in the order in which one reads them.

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

export default {
  title: 'Streamflow',
  description: 'Live video from a browser camera, transcoded by an open market of machines, paid per segment by lottery ticket',
  base: '/docs/',
  // The list of all pages apart from each: most visits read one.
  metaChunk: true,
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  themeConfig: {
    nav: [{ text: 'Guide', link: '/guide/start' }, { text: 'Reference', link: '/reference/' }, { text: 'Errors', link: '/errors' }, { text: 'Operators', link: '/operators/' }, { text: 'Changelog', link: '/changelog' }],
    sidebar: {
      '/guide/': [{ text: 'Guide', items: guides }],
      '/operators/': [{ text: 'Operators', items: [{ text: 'The server', link: '/operators/' }, { text: 'Operating it', link: '/operators/operating' }] }],
      '/reference/': [{ text: 'Reference', items: Object.entries(modules).map(([name, text]) => ({ text, link: `/reference/${name}/` })) }],
    },
    search: { provider: 'local' },
    outline: [2, 3],
  },
}
