// Where everything in the picture stands, as pure geometry: one scale in pixels per kW for all ribbons, sources on the
// left, the unit in the middle, what is fed on the right. Drawing is Flow.svelte's.

import { kilowatts, line, sentence } from './format'
import {
  allOpen,
  known,
  lastOf,
  valueOr,
  type Feeder,
  type Figure,
  type Outlet,
  type Pack,
  type Picture,
} from './picture'

/** What a ribbon carries; each kind has one hue that nothing else uses. */
export type Kind = 'solar' | 'grid' | 'generator' | 'ccs' | 'stored' | 'vehicle' | 'load'

/** Part of a flow that came from one origin. */
export interface Share {
  kind: Kind
  part: number
}

export type Point = [number, number]

export interface Ribbon {
  id: string
  d: string
  kind: Kind
  watts: number
  width: number
  /** Dots run from the start of the path to its end, or back. */
  forward: boolean
  /** Where the power comes from; the dots are coloured by it. */
  mix: Share[]
  /** Open contactor: the path ends at two marks with nothing between them. */
  gap: boolean
  marks: Point[]
  unsure: boolean
  /** Where on the path a limit stands, and who set it. */
  stop: { x: number; y: number; upright: boolean; by: string } | null
  /** 0 clean .. 1 dirty; carbon as lightness of the same hue. */
  carbon: number
}

export interface Label {
  id: string
  x: number
  y: number
  end: boolean
  name: string
  /** The name in the lines that its side has room for. */
  lines: string[]
  value: string
  note: string
  href: string
  kind: Kind
  trouble: '' | 'look' | 'stop'
}

export interface Vessel {
  id: string
  x: number
  y: number
  height: number
  asNew: number
  today: number
  soc: number | null
  sigma: number
  /** Wide enough for its two lines of text. */
  named: boolean
  /** 0: far from the temperature limit .. 1: at it; null: unknown. */
  heat: number | null
  joined: boolean
  stage: string
  name: string
  value: string
  /** The charge is the last that was known. */
  was: boolean
  title: string
}

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export interface Scene {
  width: number
  height: number
  perKilowatt: number
  ac: Box
  dc: Box
  shell: string
  ribbons: Ribbon[]
  labels: Label[]
  vessels: Vessel[]
  /** Middle of the inverter's ribbon. */
  inverter: { x: number; y: number; end: boolean; watts: Figure }
}

interface End {
  id: string
  name: string
  value: string
  note: string
  href: string
  kind: Kind
  watts: number
  gap: boolean
  unsure: boolean
  by: string
  carbon: number
  trouble: '' | 'look' | 'stop'
}

const ofFeeder: Record<string, Kind> = { grid: 'grid', solar: 'solar', generator: 'generator', ccs: 'ccs' }

/** What "dirty" means for lightness: a diesel set, g CO2e per kWh. */
const dirtiest = 800

/** Below this much a path is drawn as a thin line, W. */
const idle = 40

export function scene(p: Picture, width: number): Scene {
  const narrow = width < 620
  const side = narrow ? 88 : Math.min(170, width * 0.19)
  // What a stop of the whole unit holds open is the banner's to say: red on every name would hide the one that matters.
  const stopped = allOpen(p)
  const calm = (e: End): End => (stopped ? { ...e, trouble: '' } : e)
  const left = p.feeders.filter((f) => f.kind !== 'ccs').map((f) => calm(feederEnd(f)))
  const inlets = p.feeders.filter((f) => f.kind === 'ccs').map((f) => calm(feederEnd(f)))
  const ofKind = (rapid: boolean) => p.outlets.filter((o) => (o.kind === 'rapid') === rapid)
  const right = [...vehicleEnds(ofKind(false), stopped), ...circuitEnds(p)].map(calm)
  const rapids = vehicleEnds(ofKind(true), stopped).map(calm)
  const perKilowatt = scale(p, narrow)
  const px = (watts: number) => (Math.abs(watts) < idle ? 0 : Math.max(1.5, (Math.abs(watts) / 1000) * perKilowatt))

  const acWidth = narrow ? 96 : Math.min(220, width * 0.24)
  const stack = Math.max(
    left.reduce((sum, e) => sum + Math.max(px(e.watts), 2) + 3, 0),
    right.reduce((sum, e) => sum + Math.max(px(e.watts), 2) + 3, 0),
  )
  // Rows of names: as high as their ribbon and a finger need, closer where there are many.
  const dense = right.length > 8
  const rows = (ends: End[], least: number) =>
    ends.map((e) => Math.max(least + (wrap(e.name, side - 8).length - 1) * 14, px(e.watts) + 10))
  const heights = {
    left: rows(left, narrow ? 48 : 66),
    right: rows(right, dense ? 38 : narrow ? 44 : 48),
    inlets: rows(inlets, narrow ? 44 : 56),
    rapids: rows(rapids, narrow ? 44 : 56),
  }
  const upper = Math.max(total(heights.left), total(heights.right), narrow ? 120 : 150)
  const ac: Box = { x: (width - acWidth) / 2, y: 0, width: acWidth, height: Math.max(72, stack + 16, upper * 0.62) }
  const zone = Math.max(upper, ac.height)
  ac.y = 12 + (zone - ac.height) / 2

  const dcStack = Math.max(
    inlets.reduce((sum, e) => sum + Math.max(px(e.watts), 2) + 3, 0),
    rapids.reduce((sum, e) => sum + Math.max(px(e.watts), 2) + 3, 0),
  )
  const between = narrow ? 48 : 56
  const dcWidth = Math.min(width - 2 * side - (narrow ? 24 : 80), narrow ? 180 : 420)
  const dcZone = Math.max(total(heights.inlets), total(heights.rapids), 40, dcStack + 10)
  const dc: Box = { x: (width - dcWidth) / 2, y: 0, width: dcWidth, height: Math.max(40, dcStack + 10) }
  const dcTop = Math.max(12 + zone, ac.y + ac.height + between)
  dc.y = dcTop + (dcZone - dc.height) / 2
  if (dc.y - (ac.y + ac.height) < between) dc.y = ac.y + ac.height + between

  const inside = [...inflow(left), ...inverterMix(p, inlets)]
  const acMix = normal(inside)
  const dcMix = normal([
    ...inflow(inlets),
    ...p.packs.map((k) => ({ kind: 'stored' as Kind, part: Math.max(0, valueOr(k.power, 0)) })),
    ...(valueOr(p.inverter.power, 0) < 0
      ? normal(inflow(left)).map((s) => ({ kind: s.kind, part: s.part * -valueOr(p.inverter.power, 0) }))
      : []),
  ])

  const ribbons: Ribbon[] = []
  const labels: Label[] = []
  const middle = { ac: 12 + zone / 2, dc: dc.y + dc.height / 2 }
  place(left, heights.left, ac, 'left', middle.ac, acMix)
  place(right, heights.right, ac, 'right', middle.ac, acMix)
  place(inlets, heights.inlets, dc, 'left', middle.dc, dcMix)
  place(rapids, heights.rapids, dc, 'right', middle.dc, dcMix)

  function place(ends: End[], high: number[], box: Box, on: 'left' | 'right', centre: number, mix: Share[]) {
    const sizes = ends.map((e) => Math.max(px(e.watts), 2))
    // The slots at the bus use the room that it has, and no more than the rows themselves.
    const between = Math.max(3, Math.min(20, (box.height - 20 - total(sizes)) / Math.max(1, ends.length - 1)))
    let slot = box.y + box.height / 2 - (total(sizes) + between * (ends.length - 1)) / 2
    let top = centre - total(high) / 2
    ends.forEach((end, i) => {
      const w = px(end.watts)
      const y = top + high[i]! / 2
      top += high[i]!
      const port = slot + sizes[i]! / 2
      slot += sizes[i]! + between
      const outer = on === 'left' ? side : width - side
      const inner = on === 'left' ? box.x : box.x + box.width
      const bend = (inner - outer) * 0.5
      const feed = end.watts > 0
      ribbons.push({
        id: end.id,
        ...path([outer, y], [outer + bend, y], [inner - bend, port], [inner, port], end.gap),
        kind: end.kind,
        watts: end.watts,
        width: w,
        forward: feed,
        mix: feed ? [{ kind: end.kind, part: 1 }] : mix,
        unsure: end.unsure,
        stop: end.by && !end.gap ? { x: outer + (on === 'left' ? 10 : -10), y, upright: true, by: end.by } : null,
        carbon: end.carbon,
      })
      labels.push({
        ...end,
        lines: wrap(end.name, side - 8),
        x: on === 'left' ? side - 8 : width - side + 8,
        y,
        end: on === 'left',
      })
    })
  }

  const power = valueOr(p.inverter.power, 0)
  const w = px(power)
  const cx = width / 2
  ribbons.push({
    id: 'inverter',
    ...straight([cx, dc.y], [cx, ac.y + ac.height], p.inverter.mode === 'off'),
    kind: 'stored',
    watts: power,
    width: w,
    forward: power > 0,
    mix: power > 0 ? dcMix : normal(inflow(left)),
    unsure: false,
    stop: null,
    carbon: valueOr(p.carbon.stored, 0) / dirtiest,
  })

  const vessels = vesselRow(p, width, dc.y + dc.height + (narrow ? 52 : 64), narrow ? 104 : 148)
  const packTotal = p.packs.reduce((sum, k) => sum + Math.max(px(valueOr(k.power, 0)), 2) + (narrow ? 5 : 10), 0)
  const spread = Math.max(packTotal, dc.width - 24)
  p.packs.forEach((k, i) => {
    const v = vessels[i]!
    const watts = valueOr(k.power, 0)
    const x = v.x + v.asNew / 2
    const port = cx + ((i + 0.5) / p.packs.length - 0.5) * spread
    const [top, bottom] = [dc.y + dc.height, v.y]
    const half = (bottom - top) * 0.55
    ribbons.push({
      id: `pack-${i}`,
      ...path([x, bottom], [x, bottom - half], [port, top + half], [port, top], !v.joined),
      kind: 'stored',
      watts,
      width: px(watts),
      forward: watts > 0,
      mix: watts > 0 ? [{ kind: 'stored', part: 1 }] : dcMix,
      unsure: false,
      stop: v.joined && held(k.limit_by) ? { x, y: bottom - 7, upright: false, by: k.limit_by } : null,
      carbon: valueOr(p.carbon.stored, 0) / dirtiest,
    })
  })

  const first = vessels[0]
  const last = vessels[vessels.length - 1]
  const floor = first ? first.y + first.height + (narrow ? 44 : 46) : dc.y + dc.height + 20
  return {
    width,
    height: floor + 4,
    perKilowatt,
    ac,
    dc,
    shell: first && last ? shell(ac, dc, first.x - 8, last.x + last.asNew + 8, floor, narrow ? 8 : 16) : '',
    ribbons,
    labels,
    vessels,
    inverter: {
      x: cx + (Math.max(w / 2, 1) + 10) * (narrow ? -1 : 1),
      y: (dc.y + ac.y + ac.height) / 2,
      end: narrow,
      watts: p.inverter.power,
    },
  }
}

/** A bold letter of the small size is about this wide, px. */
const letter = 7.6

/** A name in lines of at most so many pixels, broken between words; what is still too long is cut with a mark. */
export function wrap(name: string, room: number): string[] {
  const most = Math.max(4, Math.floor(room / letter))
  const lines: string[] = []
  for (const word of name.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  const kept = lines.slice(0, 2)
  if (lines.length > 2) kept[1] += '…'
  return kept.map((text) => (text.length > most ? `${text.slice(0, most - 1).replace(/…$/, '')}…` : text))
}

function total(sizes: number[]): number {
  return sizes.reduce((sum, x) => sum + x, 0)
}

/** A curve of one width; with a gap, what is left of it on both sides. */
function path(a: Point, b: Point, c: Point, d: Point, gap: boolean): Pick<Ribbon, 'd' | 'gap' | 'marks'> {
  if (!gap) return { d: curve(a, b, c, d), gap, marks: [] }
  const length = Math.hypot(d[0] - a[0], d[1] - a[1])
  const half = Math.min(0.3, 7 / Math.max(length, 1))
  const [left] = split(a, b, c, d, 0.5 - half)
  const [, right] = split(a, b, c, d, 0.5 + half)
  return { d: curve(...left) + curve(...right), gap, marks: [left[3], right[0]] }
}

function straight(a: Point, d: Point, gap: boolean) {
  return path(a, blend(a, d, 1 / 3), blend(a, d, 2 / 3), d, gap)
}

type Curve = [Point, Point, Point, Point]

/** De Casteljau's split of a cubic at t. */
function split(a: Point, b: Point, c: Point, d: Point, t: number): [Curve, Curve] {
  const [ab, bc, cd] = [blend(a, b, t), blend(b, c, t), blend(c, d, t)]
  const [abc, bcd] = [blend(ab, bc, t), blend(bc, cd, t)]
  const at = blend(abc, bcd, t)
  return [
    [a, ab, abc, at],
    [at, bcd, cd, d],
  ]
}

function blend(a: Point, b: Point, t: number): Point {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

function curve(a: Point, b: Point, c: Point, d: Point): string {
  return `M${r(a[0])} ${r(a[1])}C${r(b[0])} ${r(b[1])} ${r(c[0])} ${r(c[1])} ${r(d[0])} ${r(d[1])}`
}

/** Steps of pixels per kW, so that the picture does not breathe with every kilowatt. */
function scale(p: Picture, narrow: boolean): number {
  const feeds = p.feeders.reduce((sum, f) => sum + Math.abs(valueOr(f.power, 0)), 0)
  const draws = [...p.outlets, ...p.circuits].reduce((sum, o) => sum + Math.abs(valueOr(o.draw, 0)), 0)
  const packs = p.packs.reduce((sum, k) => sum + Math.abs(valueOr(k.power, 0)), 0)
  const most = Math.max(feeds, draws, packs, 8000) / 1000
  const room = narrow ? 84 : 118
  for (const step of [5, 4, 3, 2.5, 2, 1.5, 1.2, 1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1]) if (step * most <= room) return step
  return 0.05
}

function feederEnd(f: Feeder): End {
  const watts = valueOr(f.power, 0)
  const capped = known(f.cap) && held(f.limit_by)
  const live = f.state === 'closed'
  let value = line(kilowatts(f.power))
  if (!f.checked && f.kind !== 'ccs' && f.kind !== 'solar' && f.state === 'open') value = 'not checked'
  else if (!f.used) value = 'switched off'
  else if (f.kind === 'generator' && f.generator && !live) value = f.generator
  else if (f.state === 'open') value = 'open'
  else if (f.state === 'unknown') value = `${value} ?`
  return {
    id: `feeder-${f.name}`,
    name: f.name,
    value: live && capped ? `${value} of ${kilowatts(f.cap).text}` : value,
    note:
      live && watts > idle
        ? capped
          ? f.limit_by === 'dispatch'
            ? 'held back'
            : `held by ${who(f.limit_by)}`
          : known(f.intensity)
            ? `${Math.round(f.intensity.value)} g/kWh`
            : ''
        : '',
    href: '#/supply',
    kind: ofFeeder[f.kind] ?? 'grid',
    watts,
    gap: f.state === 'open',
    unsure: f.state === 'unknown',
    by: held(f.limit_by) && live ? f.limit_by : '',
    carbon: valueOr(f.intensity, f.kind === 'generator' ? dirtiest : 0) / dirtiest,
    trouble: trouble(f.ruling),
  }
}

/** Vehicles one by one; free outlets as one, so that eight empty lines do not hide a full one. */
function vehicleEnds(outlets: Outlet[], stopped: boolean): End[] {
  const ends: End[] = []
  let free = 0
  for (const o of outlets) {
    const watts = -valueOr(o.draw, 0)
    const busy = o.plugged === 'yes' || Math.abs(watts) >= idle
    if (!busy && (stopped || (o.online !== 'no' && trouble(o.ruling) === '')) && outlets.length > 1) {
      free++
      continue
    }
    let value = line(kilowatts(o.draw))
    if (o.online === 'no') value = 'silent'
    else if (!busy) value = o.plugged === 'unknown' ? 'not heard yet' : 'free'
    else if (Math.abs(watts) < idle)
      value = o.visit.paused ? 'paused' : o.visit.state === 'charging' ? '0 kW' : o.visit.state
    ends.push({
      id: `outlet-${o.name}`,
      name: o.name,
      value,
      note: busy && o.on && !stopped && o.online !== 'no' ? o.held : '',
      href: '#/vehicles',
      kind: 'vehicle',
      watts,
      gap: !o.on || o.ruling === 'open' || o.ruling === 'open all',
      unsure: o.online !== 'yes',
      by: busy && o.held && !stopped ? o.held : '',
      carbon: 0,
      trouble: trouble(o.ruling),
    })
  }
  if (free > 0) {
    const name = ends.length === 0 ? `${free} outlets` : `${free} more`
    const heard = !outlets.some((o) => o.online === 'unknown')
    ends.push(quiet(name, stopped ? 'off' : heard ? 'free' : 'not heard yet'))
  }
  return ends
}

function quiet(name: string, value: string): End {
  const base = { id: 'free', note: '', href: '#/vehicles', kind: 'vehicle' as Kind, watts: 0, gap: false, unsure: true }
  return { ...base, name, value, by: '', carbon: 0, trouble: '' }
}

function circuitEnds(p: Picture): End[] {
  return p.circuits.map((c) => ({
    id: `circuit-${c.name}`,
    name: c.name,
    value: c.state === 'open' ? (c.on ? 'open' : 'switched off') : line(kilowatts(c.draw)),
    note: '',
    href: '#/supply',
    kind: 'load',
    watts: -valueOr(c.draw, 0),
    gap: c.state === 'open',
    unsure: c.state === 'unknown',
    by: '',
    carbon: 0,
    trouble: trouble(c.ruling),
  }))
}

function vesselRow(p: Picture, width: number, y: number, height: number): Vessel[] {
  const room = Math.min(width - 16, 96 * p.packs.length)
  const gap = p.packs.length > 12 ? 4 : width < 620 ? 8 : 18
  const largest = Math.max(1, ...p.packs.map((k) => valueOr(k.nameplate, 0)))
  // Width is capacity; the smallest stays wide enough for a finger and its two lines of text.
  const least = Math.min(36, (room - gap * (p.packs.length - 1)) / p.packs.length)
  const shares = p.packs.map((k) => valueOr(k.nameplate, largest))
  const sum = shares.reduce((a, b) => a + b, 0)
  const free = room - gap * (p.packs.length - 1) - least * p.packs.length
  const widths = shares.map((s) => least + (free * s) / sum)
  let x = (width - room) / 2
  return p.packs.map((k, i) => {
    const asNew = widths[i]!
    const ratio = vesselShare(k)
    const was = lastOf(k.soc)
    const vessel: Vessel = {
      id: `vessel-${i}`,
      x,
      y,
      height,
      asNew,
      today: asNew * ratio,
      soc: known(k.soc) ? k.soc.value : lastOf(k.soc),
      sigma: known(k.soc) ? (k.soc.sigma ?? 0) : 0,
      heat: known(k.hot) && known(k.temp_trip) ? clamp(1 - (k.temp_trip.value - k.hot.value) / 30) : null,
      named: widths[i]! + gap >= 34,
      joined: k.stage === 'joined',
      stage: k.stage,
      name: k.name.replace(/^Pack\s+/, ''),
      value: known(k.soc)
        ? `${Math.round(k.soc.value * 100)}${width < 620 ? '' : '\u202f'}%`
        : was === null
          ? '–'
          : `${Math.round(was * 100)}${width < 620 ? '' : '\u202f'}%`,
      was: was !== null,
      title: `${k.name}, ${k.type}: ${k.stage}. ${sentence(k.why)}.${was === null ? '' : ` Last known charge ${Math.round(was * 100)} %.`}`,
    }
    x += asNew + gap
    return vessel
  })
}

/** Capacity today against new: health, as the width inside the outline. */
function vesselShare(k: Pack): number {
  return known(k.soh) ? clamp(k.soh.value) : 1
}

function shell(ac: Box, dc: Box, from: number, to: number, floor: number, pad: number): string {
  const [l, rr] = [Math.min(dc.x, ac.x) - pad, Math.max(dc.x + dc.width, ac.x + ac.width) + pad]
  const top = ac.y - pad
  const shoulder = dc.y + dc.height + 14
  const [a, b] = [Math.min(from, l), Math.max(to, rr)]
  const q = 12
  const step = (x0: number, x1: number, s: number) => Math.min(q, Math.abs(x1 - x0) / 2) * s
  const [sl, sr] = [step(a, l, 1), step(rr, b, 1)]
  return (
    `M${r(l + q)} ${r(top)}H${r(rr - q)}q${q} 0 ${q} ${q}V${r(shoulder - sr)}q0 ${r(sr)} ${r(sr)} ${r(sr)}` +
    `H${r(b - sr)}q${r(sr)} 0 ${r(sr)} ${r(sr)}V${r(floor - q)}q0 ${q} ${-q} ${q}H${r(a + q)}q${-q} 0 ${-q} ${-q}` +
    `V${r(shoulder + sl)}q0 ${r(-sl)} ${r(sl)} ${r(-sl)}H${r(l - sl)}q${r(sl)} 0 ${r(sl)} ${r(-sl)}V${r(top + q)}q0 ${-q} ${q} ${-q}Z`
  )
}

function inflow(ends: End[]): Share[] {
  return ends.filter((e) => e.watts > idle).map((e) => ({ kind: e.kind, part: e.watts }))
}

/** What the inverter brings to the AC side, by origin on the DC bus. */
function inverterMix(p: Picture, inlets: End[]): Share[] {
  const power = valueOr(p.inverter.power, 0)
  if (power <= idle) return []
  const origins = normal([
    ...inflow(inlets),
    ...p.packs.map((k) => ({ kind: 'stored' as Kind, part: Math.max(0, valueOr(k.power, 0)) })),
  ])
  return (origins.length ? origins : [{ kind: 'stored' as Kind, part: 1 }]).map((s) => ({ ...s, part: s.part * power }))
}

function normal(shares: Share[]): Share[] {
  const sums = new Map<Kind, number>()
  for (const s of shares) if (s.part > 0) sums.set(s.kind, (sums.get(s.kind) ?? 0) + s.part)
  const total = [...sums.values()].reduce((a, b) => a + b, 0)
  if (!(total > 0)) return []
  return [...sums].map(([kind, part]) => ({ kind, part: part / total })).sort((a, b) => b.part - a.part)
}

/** A limit that somebody set now; the installed rating is no news. */
function held(by: string): boolean {
  return by !== '' && by !== 'nobody' && by !== 'installation'
}

/** Who set a limit, in the words of the picture. */
export function who(by: string): string {
  const names: Record<string, string> = {
    dispatch: 'sharing among all',
    device: 'the vehicle',
    pack: 'its own system',
    estimate: 'our estimate',
    operator: 'a person',
    driver: 'the driver',
    sequence: 'a running step',
  }
  return names[by] ?? by
}

/** The same as an addition to a reason that does not name it itself. */
export function heldBy(by: string): string {
  return held(by) && !['dispatch', 'device', 'pack', 'sequence', 'safety'].includes(by) ? ` Held by ${who(by)}.` : ''
}

function trouble(ruling: string): '' | 'look' | 'stop' {
  if (ruling === 'open' || ruling === 'stop') return 'stop'
  return ruling === 'derate' ? 'look' : ''
}

function clamp(x: number): number {
  return Math.min(1, Math.max(0, x))
}

function r(x: number): number {
  return Math.round(x * 10) / 10
}
