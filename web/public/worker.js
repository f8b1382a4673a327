// Keeps the shell of the page for a phone that lost the unit's access point: the newest index.html when the unit
// answers, the kept one when it does not; assets never change under their name. Live data is never kept.
const shell = 'reprise-shell-1'

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname.startsWith('/assets/') || url.pathname === '/icon.svg') {
    event.respondWith(keptFirst(event.request))
  } else if (event.request.mode === 'navigate') {
    event.respondWith(unitFirst(event.request))
  }
})

/** The page and all that it names, so that one visit is enough. */
async function keepShell() {
  const kept = await caches.open(shell)
  const answer = await fetch('/')
  if (!answer.ok || answer.redirected) return
  const named = [...(await answer.clone().text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((m) => m[1])
  await kept.put('/', answer)
  await kept.addAll([...new Set(named)])
}

async function keptFirst(request) {
  const kept = await caches.open(shell)
  const found = await kept.match(request)
  if (found) return found
  const answer = await fetch(request)
  if (answer.ok) await kept.put(request, answer.clone())
  return answer
}

async function unitFirst(request) {
  const kept = await caches.open(shell)
  try {
    const answer = await fetch(request)
    if (answer.ok && !answer.redirected && new URL(request.url).pathname === '/') {
      const old = await kept.match('/')
      const [before, now] = [old ? await old.text() : '', await answer.clone().text()]
      if (before && before !== now) for (const key of await kept.keys()) await kept.delete(key)
      await kept.put('/', answer.clone())
    }
    return answer
  } catch {
    return (await kept.match('/')) ?? Response.error()
  }
}
