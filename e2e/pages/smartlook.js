// A customer's own bundle: Smartlook's npm client, unchanged, with only
// relayProxyUrl pointing at Footpath. The page's <html> names both.
import smartlook from 'smartlook-client'

const { key, relay } = document.documentElement.dataset
smartlook.init(key, { relayProxyUrl: relay })

// What a customer's cookie banner does on every page once the visitor agreed.
if (document.documentElement.dataset.choice) {
  window.smartlook('consent', document.documentElement.dataset.choice)
}

document.getElementById('done')?.addEventListener('click', () => {
  smartlook.track('application-sent', { pages: 3, early: false })
})
