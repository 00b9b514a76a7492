// The pages of the made-up visitor's journey. Each is a real document: headings,
// landmarks, lists, a form with the kinds of field that people fill in.

const filler = Array.from({ length: 40 }, (_, i) => `<p class="govuk-body">Paragraph ${i + 1}: what you need to know before you start.</p>`).join('\n')

const layout = ({ key, relay, choice }, title, main) => `<!doctype html>
<html lang="en" class="govuk-template" data-key="${key}" data-relay="${relay}"${choice ? ` data-choice="${choice}"` : ''}>
<head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/journey.css">
<script src="/e2e/smartlook.js" defer></script></head>
<body class="govuk-template__body">
<header class="govuk-header"><a href="/" class="govuk-header__link">Planning</a></header>
<main id="main" class="govuk-main-wrapper">${main}</main>
</body></html>`

const css = `body { font-family: sans-serif; margin: 0 auto; max-width: 60rem } main { padding: 1rem }
label, input, select, textarea, button { display: block; margin: .5rem 0 }`

/** The pages, for startSite. choice: what the site's own banner has been told. */
export function journey(settings) {
  return {
    '/journey.css': () => ({ type: '.css', body: css }),
    '/': layout(settings, 'Apply for planning permission', `<h1>Apply for planning permission</h1>
${filler}
<button type="button" id="more" class="govuk-button" data-testid="show-more">Show more</button>
<p><a id="start" class="govuk-link" href="/form">Start now</a></p>`),
    '/form': layout(settings, 'Your details', `<h1>Your details</h1>
<form method="post" action="/done">
<label for="name">Full name</label><input id="name" name="name" autocomplete="name">
<label for="email">Email</label><input id="email" name="email" type="email">
<label for="secret">Password</label><input id="secret" name="secret" type="password">
<label for="kind">Kind</label><select id="kind" name="kind"><option value="">Choose</option><option value="loft">Loft</option></select>
<label for="why">Reason</label><textarea id="why" name="why"></textarea>
<div id="free" contenteditable="true"></div>
<button id="send" class="govuk-button" type="submit">Send application</button>
</form>`),
    '/done': (req) =>
      req.method === 'POST'
        ? { status: 303, headers: { Location: '/done' } }
        : { body: layout(settings, 'Application sent', '<h1>Application sent</h1><button type="button" id="done" class="govuk-button">Finish</button>') },
    '/help': layout(settings, 'Help', '<h1>Help</h1><button type="button" id="helpful" class="govuk-button">This helped</button>'),
  }
}
