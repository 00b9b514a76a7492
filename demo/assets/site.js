// Hollowmere District Planning: the demo site works without this script; with it
// the cookie choice needs no page load, and the site tells Footpath what happened.
'use strict'

// The recorder stands before this script and both are deferred, so it is there
// unless it was blocked; then nothing is told.
function tell(...command) {
  if (window.footpath) window.footpath(...command)
}

function setCookie(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`
}

function choose(banner, usage) {
  setCookie('cookies_policy', JSON.stringify({ essential: true, usage }))
  setCookie('cookies_preferences_set', 'true')
  banner.querySelector('form').hidden = true
  const said = banner.querySelector(usage ? '[data-said="yes"]' : '[data-said="no"]')
  said.hidden = false
  said.focus()
  tell('consent', usage ? 'granted' : 'denied')
}

const banner = document.querySelector('.choice')
banner?.addEventListener('submit', (event) => {
  const usage = event.submitter?.value
  if (!usage) return
  event.preventDefault()
  choose(banner, usage === 'yes')
})
for (const button of banner?.querySelectorAll('[data-hide]') ?? []) {
  button.addEventListener('click', () => { banner.hidden = true })
}

// What the server says about this page, as an event with a number.
const happened = document.querySelector('main')?.dataset
if (happened?.event) tell('track', happened.event, { count: Number(happened.count), ...(happened.kind ? { kind: happened.kind } : {}) })

// An error summary takes the focus, so that it is read out.
document.querySelector('.summary')?.focus()

// The fee calculator. It has a mistake on purpose: without a choice there is no
// rate, and the script stops with an error that the dashboard shows.
const rates = { house: { fee: 258 }, flat: { fee: 578 }, shop: { fee: 578 }, tree: { fee: 0 } }
document.querySelector('#fee-form')?.addEventListener('submit', (event) => {
  event.preventDefault()
  const kind = event.target.elements.kind.value
  const pounds = rates[kind].fee
  document.querySelector('#fee').textContent = pounds ? `£${pounds}` : 'Free'
  tell('track', 'fee_worked_out', { pounds, kind })
})

// Links that look like buttons work with the space bar, as buttons do.
for (const link of document.querySelectorAll('a[role=button]')) {
  link.addEventListener('keydown', (event) => {
    if (event.key !== ' ') return
    event.preventDefault()
    link.click()
  })
}
