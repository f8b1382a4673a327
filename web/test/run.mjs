// The page in a real browser. Pages are served by the unit's own handler, one for each state (made up, in src/fixtures); their addresses
// come in REPRISE_PAGES. Each check says what it found; one that fails ends the run with 1.
import { chromium } from 'playwright-core'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { readability } from './readable.mjs'

const pages = JSON.parse(process.env.REPRISE_PAGES ?? '{}')
if (!pages.calm) {
  console.error('REPRISE_PAGES names no pages: run "go test ./api -run Browser"')
  process.exit(2)
}
const shots = new URL('../shots/', import.meta.url).pathname
const wanted = process.env.REPRISE_SHOTS === '1' || (process.env.REPRISE_REQUIRE ?? '').includes('browser')
const phone = { width: 390, height: 844 }
const desk = { width: 1440, height: 900 }

let failures = 0
function check(holds, what) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (!holds) failures++
}

const browser = await chromium.launch({
  executablePath: process.env.REPRISE_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

/** Opens a state of the page in a window of its own; what the console complains about is a failure. */
async function open(state, viewport, colorScheme = 'light', hash = '', options = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    deviceScaleFactor: viewport === phone ? 2 : 1,
    hasTouch: viewport === phone,
    serviceWorkers: 'block',
    reducedMotion: options.reducedMotion ?? 'no-preference',
  })
  const page = await context.newPage()
  const complaints = []
  page.on('pageerror', (e) => complaints.push(e.message))
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()))
  page.on('request', (r) => r.url().startsWith(pages[state]) || complaints.push(`asked another host: ${r.url()}`))
  await page.goto(`${pages[state]}/#/${hash}`)
  await page.waitForSelector('h1, h2')
  if (hash === '') await page.waitForSelector('.flow svg')
  return { page, complaints, close: () => context.close() }
}

function budget() {
  const assets = new URL('../dist/assets/', import.meta.url).pathname
  let own = 0
  let charts = 0
  for (const name of readdirSync(assets)) {
    if (!name.endsWith('.js')) continue
    const size = gzipSync(readFileSync(assets + name), { level: 9 }).length
    if (name.startsWith('uPlot')) charts += size
    else own += size
  }
  const kB = (n) => (n / 1000).toFixed(1)
  check(own <= 60_000, `script ${kB(own)} kB gzip of 60, all pages; charts on demand ${kB(charts)} kB`)
}

/** First paint and first picture with a CPU four times slower than this one. */
async function fast() {
  const context = await browser.newContext({ viewport: phone, serviceWorkers: 'block' })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  await page.goto(`${pages.busy}/`)
  await page.waitForSelector('.flow svg')
  const seen = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
    picture: performance.now(),
  }))
  check(
    seen.paint < 1000,
    `first paint after ${Math.round(seen.paint)} ms of 1000 at a quarter of the speed; picture after ${Math.round(seen.picture)} ms`,
  )
  await context.close()
}

/** One look at one page: what is wrong with it, and a screenshot where they are wanted. */
async function look(state, viewport, scheme, hash) {
  const at = `${hash ? `#/${hash}` : state} ${viewport.width}x${viewport.height} ${scheme}`
  const { page, complaints, close } = await open(state, viewport, scheme, hash)
  if (state === 'stale') await page.waitForSelector('.stale', { timeout: 3500 })
  if (hash) await page.waitForSelector('.page, article')
  if (hash === 'history') await page.waitForSelector('.uplot canvas')
  if (wanted) {
    mkdirSync(shots, { recursive: true })
    await page.waitForTimeout(250)
    const name = `${hash ? `page-${hash}` : state}-${viewport.width}x${viewport.height}-${scheme}`
    await page.screenshot({ path: `${shots}${name}.png`, fullPage: true })
  }
  const found = await readability(page)
  check(found.length === 0, `${at}: readable by everybody${found.map((f) => `\n       ${f}`).join('')}`)
  check(complaints.length === 0, `${at}: no complaint${complaints.map((c) => `\n       ${c}`).join('')}`)
  await close()
}

/** Every state of the first screen and every page behind it, three windows at a time. */
async function looks() {
  const shown = { arrive: 'islanded', alarms: 'lost', packs: 'lost', history: 'calm' }
  const jobs = []
  const all = [
    [phone, 'light'],
    [desk, 'dark'],
    [phone, 'dark'],
    [desk, 'light'],
  ]
  for (const state of Object.keys(pages)) {
    for (const [viewport, scheme] of all.slice(0, wanted ? 4 : 2)) jobs.push([state, viewport, scheme, ''])
  }
  for (const hash of ['vehicles', 'packs', 'supply', 'alarms', 'history', 'control', 'arrive', 'responder', 'bench']) {
    for (const [viewport, scheme] of all.slice(0, wanted ? 4 : 1))
      jobs.push([shown[hash] ?? 'busy', viewport, scheme, hash])
  }
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await look(...job)
  }
  await Promise.all([worker(), worker(), worker()])
}

async function staleLinkShows() {
  const context = await browser.newContext({ viewport: phone, serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.addInitScript(() => {
    window.seen = {}
    new MutationObserver(() => {
      for (const mark of ['.flow svg', '.stale']) {
        if (!(mark in window.seen) && document.querySelector(mark)) window.seen[mark] = performance.now()
      }
    }).observe(document, { subtree: true, childList: true })
  })
  await page.goto(`${pages.stale}/`)
  await page.waitForSelector('.stale', { timeout: 6000 })
  const after = await page.evaluate(() => window.seen['.stale'] - window.seen['.flow svg'])
  check(after <= 3000, `a silent link is called stale ${Math.round(after)} ms after the picture stood, of 3000`)
  check((await page.locator('.flow.still').count()) === 1, 'the dots stand still while nothing is known')
  check((await page.locator('h1').innerText()).includes('No news'), 'what is not known is not called safe')
  await context.close()
}

async function motionStops() {
  const { page, close } = await open('busy', desk, 'light', '', { reducedMotion: 'reduce' })
  const moving = await page.evaluate(() => document.getAnimations().filter((a) => a.playState === 'running').length)
  check(moving === 0, `reduced motion: ${moving} animations run`)
  await close()
}

/** The keyboard alone: open a control, stay inside its dialog, leave it, come back, do it. */
async function controlByKeyboard() {
  const { page, close } = await open('calm', desk, 'light', 'vehicles')
  const button = page.locator('li', { hasText: 'Outlet 1' }).getByRole('button', { name: 'Switch off' })
  await button.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  let inside = true
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press('Tab')
    inside &&= await page.evaluate(
      () => document.activeElement === document.body || !!document.activeElement?.closest('dialog'),
    )
  }
  check(inside, 'the focus stays in the dialog')
  await page.keyboard.press('Escape')
  check((await dialog.count()) === 0 || !(await dialog.isVisible()), 'Escape leaves it')
  check(await button.evaluate((b) => document.activeElement === b), 'the focus returns to the control')
  await page.keyboard.press('Enter')
  await dialog.getByLabel('Your name').fill('J. Moss')
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await dialog.getByText('Granted').waitFor()
  check(true, 'the unit granted what was confirmed')
  await close()
}

/** Every control of a page: each opens its question, and what it sends is what the unit's surface takes. */
async function everyControl(state, hash) {
  const { page, complaints, close } = await open(state, desk, 'light', hash)
  await page.waitForSelector('.page')
  const buttons = page.locator('main .actions button:enabled')
  const refused = []
  let asked = 0
  for (let i = 0; i < (await buttons.count()); i++) {
    const name = await buttons.nth(i).innerText()
    if (/test alarm/.test(name)) continue
    await buttons.nth(i).click()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    for (const input of await dialog.locator('input').all()) {
      const kind = await input.getAttribute('type')
      if (kind === 'time') await input.fill(i % 2 ? '23:30' : '06:15')
      else if ((await input.inputValue()) === '') await input.fill(kind === 'number' ? '5' : 'J. Moss')
    }
    await dialog.locator('button.main').click()
    const said = await dialog.locator('.outcome').innerText()
    if (!said.includes('Granted')) refused.push(`${name}: ${said}`)
    asked++
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })
  }
  check(
    asked > 0 && refused.length === 0,
    `#/${hash}, ${state}: ${asked} controls reach the unit${refused.map((x) => `\n       ${x}`).join('')}`,
  )
  check(complaints.length === 0, `#/${hash}, ${state}: no complaint${complaints.map((c) => `\n       ${c}`).join('')}`)
  await close()
}

async function arrival() {
  const { page, close } = await open('first', phone, 'light', 'arrive')
  const next = () => page.getByRole('button', { name: /Next|Record it/ }).click()
  await page.getByText('Grid').first().click()
  await next()
  await page.getByText('TN-S').click()
  await next()
  await next()
  await page.getByText('L1, L2, L3').click()
  await next()
  await page.getByLabel('Neutral to earth').fill('0.6')
  await next()
  await page.getByLabel('Agreed cap').fill('32')
  await next()
  await page.getByLabel('Your name').fill('J. Moss')
  await next()
  await page.getByText('is checked').waitFor()
  check(true, 'the arrival check was recorded')
  await close()
}

/** A grave finding blocks the record: for good, or until the named person gives a reason. */
async function graveArrival() {
  const { page, close } = await open('first', phone, 'light', 'arrive')
  const button = page.getByRole('button', { name: /Next|Record it/ })
  await page.getByText('Grid').first().click()
  await button.click()
  await page.getByText('TN-S').click()
  await button.click()
  await page.getByText('Earth is present').click()
  await button.click()
  await page.getByText('L1, L2, L3').click()
  await button.click()
  await page.getByLabel('Neutral to earth').fill('12')
  await button.click()
  await page.getByLabel('Agreed cap').fill('32')
  await button.click()
  await page.getByLabel('Your name').fill('J. Moss')
  check(await button.isDisabled(), 'without an earth nothing can be recorded')
  check((await page.getByLabel('Your reason').count()) === 0, 'and no reason lets it pass')
  for (let i = 0; i < 4; i++) await page.getByRole('button', { name: 'Back' }).click()
  await page.getByText('Earth is present').click()
  for (let i = 0; i < 4; i++) await button.click()
  check(await button.isDisabled(), 'a raised neutral needs a reason')
  await page.getByLabel('Your reason').fill('welding set on L1')
  await button.click()
  await page.getByText('is checked').waitFor()
  check(true, 'and passes with one')
  await close()
}

/** While a finger is down nothing moves; what came meanwhile is shown when it is up. */
async function stillUnderAFinger() {
  const { page, close } = await open('calm', phone, 'light', 'control')
  const running = () => page.evaluate(() => document.body.innerText.match(/Running for\s+(.+)/)?.[1])
  await page.evaluate(() => {
    window.moves = 0
    new MutationObserver((m) => (window.moves += m.length)).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
  })
  await page.mouse.move(200, 400)
  await page.mouse.down()
  await page.waitForTimeout(1500)
  const moves = await page.evaluate(() => window.moves)
  await page.mouse.up()
  check(moves === 0 && (await running()) !== undefined, `nothing moves under a finger (${moves} changes in 1.5 s)`)
  await close()
}

/** Where a token is needed the form asks for it once. */
async function token() {
  const context = await browser.newContext({ viewport: phone, serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.goto(process.env.REPRISE_LOCKED)
  const found = await readability(page)
  check(
    found.length === 0,
    `the form for the token: readable by everybody${found.map((f) => `\n       ${f}`).join('')}`,
  )
  await page.getByLabel('Token').fill('not the token at all')
  await page.getByRole('button').click()
  await page.getByText('not the token of this unit').waitFor()
  await page.getByLabel('Token').fill(process.env.REPRISE_TOKEN)
  await page.getByRole('button').click()
  await page.waitForSelector('.flow svg')
  check(true, 'the token opens the page')
  await context.close()
}

/** Without the unit the shell is still there and says what is wrong. */
async function offline() {
  const context = await browser.newContext({ viewport: phone })
  const page = await context.newPage()
  await page.goto(`${pages.calm}/`)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.waitForFunction(async () => (await (await caches.open('reprise-shell-1')).keys()).length >= 3)
  await context.setOffline(true)
  await page.reload()
  await page.getByText('The unit does not answer').waitFor({ timeout: 5000 })
  check(true, 'without the unit the page opens and says so')
  await context.close()
}

try {
  budget()
  await fast()
  await staleLinkShows()
  await motionStops()
  await stillUnderAFinger()
  await token()
  await offline()
  await controlByKeyboard()
  await arrival()
  await graveArrival()
  for (const hash of ['vehicles', 'supply', 'control']) await everyControl('busy', hash)
  await everyControl('islanded', 'supply')
  await everyControl('lost', 'alarms')
  for (const hash of ['packs', 'control']) await everyControl('first', hash)
  await looks()
} catch (error) {
  check(false, `the run broke off: ${error.stack ?? error}`)
} finally {
  await browser.close()
}
console.log(failures === 0 ? 'all held' : `${failures} failed`)
process.exit(failures === 0 ? 0 : 1)
