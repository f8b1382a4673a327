// The body of the live stream and of GET /api/v1/unit, field for field as the unit publishes it. draw is W, positive;
// power is W and may go both ways: positive is what a supply feeds, a pack gives, the inverter brings to the AC side.
// Energies are Wh, ratios 0..1, temperatures degree Celsius, wall times ms since 1970.

/** A number for people, or the reason why there is none, with the last one that was known. Never 0 for "unknown". */
export type Figure = { value: number; sigma?: number; age?: number } | { why: string; last?: number; age?: number }

export type Three = [Figure, Figure, Figure]

export interface Picture {
  unit: string
  site: string
  tick: number
  now: number
  unix_milli: number
  zone_offset: number
  clock_trust: string
  speed: number
  twin: boolean
  wires: boolean
  safe: Safe
  service: string
  service_step?: string
  network: string
  local_lock: string
  store: Store
  bus: Bus
  inverter: Inverter
  packs: Pack[]
  feeders: Feeder[]
  circuits: Circuit[]
  outlets: Outlet[]
  bookings: Visit[]
  carbon: Carbon
  alarms: Alarm[]
  health: Health
}

export interface Safe {
  level: string
  headline: string
  detail: string
  /** What a stop has left live, with its measured value. */
  danger?: string
}

export interface Store {
  soc: Figure
  nameplate: Figure
  full_today: Figure
  deliverable: Figure
  promised: Figure
  reserve: Figure
  to_empty: Figure
  to_empty_low: Figure
  to_empty_high: Figure
  to_full: Figure
  to_full_low: Figure
  to_full_high: Figure
  load: Figure
  supply: Figure
}

export interface Bus {
  volts: Figure
  insulation: Figure
  own_use: Figure
  regulator: string
  falling: Figure
  to_safe: Figure
}

export interface Inverter {
  mode: string
  power: Figure
  hertz: Figure
  volts: Three
  amps: Three
  rated: Figure
  ruling: string
}

export interface Pack {
  name: string
  type: string
  stand_in: boolean
  chemistry: string
  serial: string
  identity: string
  stage: string
  soc: Figure
  soc_reported: Figure
  soh: Figure
  doubt: string
  nameplate: Figure
  today: Figure
  volts: Figure
  amps: Figure
  power: Figure
  cell_high: Figure
  cell_low: Figure
  hot: Figure
  cold: Figure
  temp_trip: Figure
  discharge: Figure
  charge: Figure
  why: string
  limit_by: string
  ruling: string
  garbage: number
}

export interface Feeder {
  name: string
  kind: string
  state: string
  used: boolean
  live: boolean
  power: Figure
  cap: Figure
  volts: Three
  amps: Three
  hertz: Figure
  intensity: Figure
  price: Figure
  fuel: Figure
  generator?: string
  checked: string
  earthing: string
  valid_until: number
  why: string
  limit_by: string
  ruling: string
}

export interface Circuit {
  name: string
  state: string
  on: boolean
  priority: number
  draw: Figure
  limit: Figure
  why: string
  ruling: string
}

export interface Outlet {
  name: string
  kind: string
  station: string
  online: string
  plugged: string
  on: boolean
  phase: string
  draw: Figure
  amps: Figure
  offer: Figure
  rated: Figure
  vehicle_soc: Figure
  visit: Visit
  why: string
  limit_by: string
  held: string
  ruling: string
}

export interface Visit {
  number: number
  state: string
  outlet: number
  need: Figure
  delivered: Figure
  grams: Figure
  from: number
  until: number
  promised: Figure
  by: number
  full: boolean
  why: string
  revised: number
  paused?: string
}

export interface Carbon {
  gross: Figure
  refill: Figure
  net: Figure
  delivered: Figure
  stored: Figure
  factor: string
  unmeasured: Figure
  entries: number
}

export interface Alarm {
  rule: string
  level: string
  what: string
  where: string
  did: string
  may_do: string
  cleared_by: string
  latched: boolean
  acting: boolean
  number: number
  subject: number
  since: number
  value: Figure
}

export interface Health {
  loop_micros: number
  loop_worst: number
  late_ticks: number
  journal: string
  disk: Figure
  version: string
}

/** The value of a figure, or the fallback where it is unknown. Only for drawing; words go through format.ts. */
export function valueOr(f: Figure | undefined, fallback: number): number {
  return f && 'value' in f ? f.value : fallback
}

/** The last value that was known, of a figure that is not known now. */
export function lastOf(f: Figure | undefined): number | null {
  return f && !('value' in f) && f.last !== undefined ? f.last : null
}

export function known(f: Figure | undefined): f is { value: number; sigma?: number; age?: number } {
  return f !== undefined && 'value' in f
}

/** A stop of the whole unit holds everything open; a danger in one part is red too, while the others carry on. */
export function allOpen(p: Picture): boolean {
  return p.safe.level === 'stop' && p.network === 'dead'
}

/** A picture as it came: lists that are empty may come as null. */
export type Raw = { [K in keyof Picture]: Picture[K] extends unknown[] ? Picture[K] | null : Picture[K] }

export function complete(raw: Raw): Picture {
  return {
    ...raw,
    packs: raw.packs ?? [],
    feeders: raw.feeders ?? [],
    circuits: raw.circuits ?? [],
    outlets: raw.outlets ?? [],
    bookings: raw.bookings ?? [],
    alarms: raw.alarms ?? [],
  }
}
