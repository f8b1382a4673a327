// Numbers and times as people read them: rounded to what is known, with unit, local to the site, and a dash with a
// reason where there is nothing to say.

import { known, type Figure, type Picture } from './picture'

const dash = '–'
const thin = '\u202f'

/** A number that was formatted: what to show, and what to tell on demand (reason, band, age). */
export interface Said {
  text: string
  unit: string
  note: string
  known: boolean
  /** "12 s old" once a value is older than anybody expects, "12 s ago" of a last one; else empty. */
  old: string
}

/** Age at which a value is called old, s. */
const oldAfter = 5

function say(f: Figure | undefined, unit: string, show: (x: number, sigma: number) => string, scale = 1): Said {
  if (!known(f)) {
    const why = f ? f.why : 'not published'
    if (!f || f.last === undefined) return { text: dash, unit: '', note: why, known: false, old: '' }
    const old = `${duration(f.age ?? 0)} ago`
    return { text: show(f.last * scale, 0), unit, note: `${why}; this was ${old}`, known: false, old }
  }
  const sigma = (f.sigma ?? 0) * scale
  const notes: string[] = []
  if (sigma > 0) notes.push(`± ${show(sigma, sigma)} ${unit}`.trim())
  const old = (f.age ?? 0) > oldAfter ? `${Math.round(f.age!)} s old` : ''
  if (old) notes.push(old)
  return { text: show(f.value * scale, sigma), unit, note: notes.join(', '), known: true, old }
}

/** Decimals follow the size and, when there is one, the uncertainty: 47 kWh, 7.4 kW, 0.6 kW. */
function plain(x: number, sigma: number): string {
  const size = Math.abs(x)
  let decimals = size < 9.95 ? 1 : 0
  if (sigma >= 1) decimals = 0
  const rounded = Number(x.toFixed(decimals))
  const text = Math.abs(rounded).toFixed(size < 0.05 ? 0 : decimals)
  const grouped = text.length > 4 && decimals === 0 ? text.replace(/\B(?=(\d{3})+$)/g, thin) : text
  return rounded < 0 ? `−${grouped}` : grouped
}

/** W as kW, magnitude only: pictures show the direction, words say draw or feed. */
export function kilowatts(f: Figure | undefined): Said {
  return say(f, 'kW', (x, s) => plain(Math.abs(x), s), 1 / 1000)
}

/** Wh as kWh. */
export function kilowattHours(f: Figure | undefined): Said {
  return say(f, 'kWh', plain, 1 / 1000)
}

/** 0..1 as per cent. */
export function percent(f: Figure | undefined): Said {
  return say(f, '%', (x) => (x > 0.05 && x < 0.95 ? x.toFixed(1) : Math.round(x).toString()), 100)
}

export function celsius(f: Figure | undefined): Said {
  return say(f, '°C', (x) => (x < 0 ? '−' : '') + Math.abs(Math.round(x)))
}

export function volts(f: Figure | undefined): Said {
  return say(f, 'V', (x) => Math.round(x).toString())
}

export function cellVolts(f: Figure | undefined): Said {
  return say(f, 'V', (x) => x.toFixed(3))
}

export function amps(f: Figure | undefined): Said {
  return say(f, 'A', (x) => plain(Math.abs(x), 0))
}

export function hertz(f: Figure | undefined): Said {
  return say(f, 'Hz', (x) => x.toFixed(2))
}

export function kilograms(f: Figure | undefined): Said {
  return say(f, 'kg', plain)
}

export function gramsPerKilowattHour(f: Figure | undefined): Said {
  return say(f, 'g/kWh', (x) => Math.round(x).toString())
}

export function kiloOhms(f: Figure | undefined): Said {
  return say(f, 'kΩ', plain, 1 / 1000)
}

export function pence(f: Figure | undefined): Said {
  return say(f, 'p/kWh', (x) => x.toFixed(1), 100)
}

/** A said number in one line: "7.4 kW", or a dash. */
export function line(s: Said): string {
  return s.unit ? `${s.text}${thin}${s.unit}` : s.text
}

/** Seconds in hours and minutes, rounded as far as such a forecast can be known. */
export function duration(seconds: number): string {
  if (!(seconds >= 0)) return dash
  if (seconds < 10) return `${Math.round(seconds)}${thin}s`
  if (seconds < 90) return `${Math.round(seconds / 10) * 10}${thin}s`
  let minutes = Math.round(seconds / 60)
  if (minutes >= 180) minutes = Math.round(minutes / 10) * 10
  else if (minutes >= 60) minutes = Math.round(minutes / 5) * 5
  if (minutes >= 48 * 60) {
    const hours = Math.round(minutes / 60)
    return `${Math.floor(hours / 24)}${thin}d ${hours % 24}${thin}h`
  }
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours === 0) return `${rest}${thin}min`
  return rest === 0 ? `${hours}${thin}h` : `${hours}${thin}h ${String(rest).padStart(2, '0')}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Wall time at the site, "17:30", or "Tue 17:30" on another day. */
export function clock(ms: number, p: Picture, seconds = false): string {
  const there = new Date(ms + p.zone_offset * 1000)
  const here = new Date(p.unix_milli + p.zone_offset * 1000)
  const text = there.toISOString().slice(11, seconds ? 19 : 16)
  const same = there.toISOString().slice(0, 10) === here.toISOString().slice(0, 10)
  return same ? text : `${days[there.getUTCDay()]} ${text}`
}

/** A day at the site, "12 Jul 2026". */
export function day(ms: number, p: Picture): string {
  const there = new Date(ms + p.zone_offset * 1000)
  return `${there.getUTCDate()} ${months[there.getUTCMonth()]} ${there.getUTCFullYear()}`
}

/** The site's offset from UTC, for the hover of a time. */
export function zone(p: Picture): string {
  const minutes = Math.round(p.zone_offset / 60)
  const sign = minutes < 0 ? '−' : '+'
  const size = Math.abs(minutes)
  const text = `UTC${sign}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
  if (p.clock_trust === 'none') return `${text}; the clock was never set, so times may be wrong`
  if (p.clock_trust === 'local') return `${text}; the unit's own clock, not confirmed`
  return text
}

/** "in 2 h 10" or "40 min ago", from a wall time. */
export function distance(ms: number, p: Picture): string {
  const seconds = (ms - p.unix_milli) / 1000
  return seconds >= 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`
}

/** The first letter as a capital: sentences of the unit begin small. */
export function sentence(text: string): string {
  return text ? text[0]!.toUpperCase() + text.slice(1) : ''
}
