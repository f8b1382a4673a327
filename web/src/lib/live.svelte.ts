// The one link to the unit: a server-sent event stream that reconnects by itself and knows how old its news is. Every
// part of the page reads the same picture.

import { complete, type Picture, type Raw } from './picture'

/** A picture comes each second; after this long without one the link is called stale. */
const staleAfter = 2200
const slowestRetry = 5000
const halfOpenAfter = 20000
/** A finger whose lifting nobody saw holds the picture no longer than this. */
const longestPress = 2000

class Live {
  picture = $state.raw<Picture | null>(null)
  /** How long ago the last picture came, s; counts while nothing comes. */
  silence = $state(0)
  stale = $derived(this.silence * 1000 >= staleAfter)
  /** Why there is no picture yet, once something went wrong. */
  trouble = $state('')

  #pressed = -Infinity
  #next: Picture | null = null

  #source: EventSource | null = null
  #arrived = 0
  #opened = 0
  #tick = -1
  #retry = 500
  #timer = 0

  /** Opens the stream; the answer closes it. */
  start(): () => void {
    this.#arrived = performance.now()
    this.#connect()
    const watch = window.setInterval(() => this.#look(), 250)
    const press = () => (this.#pressed = performance.now())
    const release = () => window.setTimeout(() => this.#release(), 0)
    window.addEventListener('pointerdown', press)
    window.addEventListener('pointerup', release)
    window.addEventListener('pointercancel', release)
    return () => {
      window.removeEventListener('pointerdown', press)
      window.removeEventListener('pointerup', release)
      window.removeEventListener('pointercancel', release)
      window.clearInterval(watch)
      window.clearTimeout(this.#timer)
      this.#source?.close()
    }
  }

  #connect() {
    this.#opened = performance.now()
    const source = new EventSource('/api/v1/stream')
    this.#source = source
    source.addEventListener('picture', (event) => this.#take(event.data as string))
    source.onmessage = (event) => this.#take(event.data as string)
    source.onerror = () => {
      source.close()
      if (this.#source !== source) return
      this.trouble = 'The unit does not answer. Trying again.'
      void this.#mayEnter()
      this.#timer = window.setTimeout(() => this.#connect(), this.#retry)
      this.#retry = Math.min(this.#retry * 2, slowestRetry)
    }
  }

  /** A stream that is refused looks like a broken one: ask once more, and go to the form where a token is wanted. */
  async #mayEnter() {
    const answer = await fetch('/api/v1/unit').catch(() => null)
    if (answer?.status === 401) window.location.assign('/enter')
  }

  #take(text: string) {
    let next: Picture
    try {
      next = complete(JSON.parse(text) as Raw)
    } catch {
      this.trouble = 'The unit sent something that this page cannot read. Reload the page.'
      return
    }
    // Nothing moves under a finger: what comes while it is down is shown when it is up.
    if (performance.now() - this.#pressed < longestPress) this.#next = next
    else this.#show(next)
    this.trouble = ''
    this.#retry = 500
    // A stream that repeats the same tick is as stale as a silent one: the loop behind it stands still.
    if (next.tick !== this.#tick) this.#arrived = performance.now()
    this.#tick = next.tick
    this.#look()
  }

  #release() {
    this.#pressed = -Infinity
    if (this.#next) this.#show(this.#next)
  }

  #show(next: Picture) {
    this.picture = next
    this.#next = null
  }

  #look() {
    const silence = (performance.now() - this.#arrived) / 1000
    // Zero while fresh and then whole seconds, so that nothing redraws four times a second.
    this.silence = silence * 1000 < staleAfter ? 0 : Math.max(staleAfter / 1000, Math.floor(silence))
    const quiet = performance.now() - Math.max(this.#arrived, this.#opened)
    if (quiet > halfOpenAfter && this.#source?.readyState === EventSource.OPEN) {
      // The half-open connection of a phone that slept never reports an error.
      this.#source.close()
      this.#connect()
    }
  }
}

export const live = new Live()
