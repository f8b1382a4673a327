// The charts of the history page on uPlot, loaded only when that page is opened.

import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface Series {
  name: string
  title: string
  unit: string
  values: (number | null)[]
  low?: (number | null)[]
  high?: (number | null)[]
}

export interface History {
  now: number
  step_ms: number
  times: number[]
  series: Series[]
}

/** The hue of a series: the same as in the picture. */
const hues: Record<string, string> = {
  solar: '--solar',
  grid: '--grid',
  generator: '--generator',
  ccs: '--ccs',
  packs: '--stored',
  soc: '--stored',
  vehicles: '--vehicle',
  loads: '--load',
}

function colour(name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

type Maker = typeof uPlot

export class Charts {
  #plots: uPlot[] = []
  #last: History | null = null
  /** The window that was asked for, s: a young unit has few points, and the axis must not follow them. */
  #window: [number, number] = [0, 1]

  private constructor(
    private make: Maker,
    private places: [HTMLElement, HTMLElement],
    private zone: number,
  ) {}

  static async load(power: HTMLElement, charge: HTMLElement, zone: number): Promise<Charts> {
    const { default: make } = await import('uplot')
    return new Charts(make, [power, charge], zone)
  }

  show(h: History, from: number, to: number) {
    this.#window = [from / 1000, Math.max(to, h.times?.at(-1) ?? to) / 1000]
    this.#draw(h)
  }

  #draw(h: History) {
    this.#last = h
    this.destroy()
    const sync = this.make.sync('history')
    const power = h.series.filter((s) => s.unit === 'W')
    const charge = h.series.filter((s) => s.unit === '1')
    this.#plots = [
      this.#plot(this.places[0], h, power, 1 / 1000, 280, sync.key),
      this.#plot(this.places[1], h, charge, 100, 200, sync.key),
    ]
  }

  restyle() {
    if (this.#last) this.#draw(this.#last)
  }

  resize() {
    this.#plots.forEach((plot, i) => {
      const width = this.places[i]!.clientWidth
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height })
    })
  }

  destroy() {
    this.#plots.forEach((plot) => plot.destroy())
    this.#plots = []
  }

  #plot(place: HTMLElement, h: History, shown: Series[], scale: number, height: number, key: string): uPlot {
    const ink = colour('--quiet')
    const rule = colour('--rule')
    const scaled = (values: (number | null)[]) => values.map((x) => (x === null ? null : x * scale))
    const data: (number | null)[][] = []
    const series: uPlot.Series[] = [{ label: 'Time', value: '{HH}:{mm}' }]
    const bands: uPlot.Band[] = []
    for (const s of shown) {
      const hue = colour(hues[s.name] ?? '--load')
      series.push({
        label: s.title,
        stroke: hue,
        width: 2,
        points: { show: false },
        value: (_, x) => (x === null || x === undefined ? '–' : x.toFixed(scale > 1 ? 0 : 1)),
      })
      data.push(scaled(s.values))
      if (s.low && s.high) {
        const at = series.length
        const edge = { stroke: 'transparent', width: 0, points: { show: false }, class: 'edge' }
        series.push({ ...edge, label: `${s.title}, high` }, { ...edge, label: `${s.title}, low` })
        data.push(scaled(s.high), scaled(s.low))
        bands.push({ series: [at, at + 1], fill: hue.replace(/\)$/, ' / 0.18)') })
      }
    }
    const axis = {
      stroke: ink,
      grid: { stroke: rule, width: 1 },
      ticks: { stroke: rule, width: 1 },
      font: '12px system-ui',
    }
    return new this.make(
      {
        width: place.clientWidth || 600,
        height,
        series,
        bands,
        axes: [
          { ...axis, values: clockMarks },
          { ...axis, size: 44 },
        ],
        scales: { x: { range: this.#window }, ...(scale > 1 ? { y: { range: [0, 100] } } : {}) },
        cursor: { sync: { key }, points: { size: 6 }, drag: { x: false, y: false } },
        legend: { live: true },
        tzDate: (seconds) => this.make.tzDate(new Date((seconds + this.zone) * 1000), 'Etc/UTC'),
        hooks: { draw: [(u) => drawNow(u, h.now / 1000, colour('--ink'), rule)] },
      },
      [h.times.map((t) => t / 1000), ...data] as uPlot.AlignedData,
      place,
    )
  }

  /** Both charts as one picture, on the paper of the page. */
  async png(): Promise<Blob> {
    const canvases = this.#plots.map((p) => p.ctx.canvas)
    const sheet = document.createElement('canvas')
    sheet.width = Math.max(...canvases.map((c) => c.width))
    sheet.height = canvases.reduce((sum, c) => sum + c.height + 16, 0)
    const pen = sheet.getContext('2d')!
    pen.fillStyle = colour('--paper')
    pen.fillRect(0, 0, sheet.width, sheet.height)
    let y = 0
    for (const c of canvases) {
      pen.drawImage(c, 0, y)
      y += c.height + 16
    }
    return new Promise((done, fail) => sheet.toBlob((b) => (b ? done(b) : fail(new Error('no picture'))), 'image/png'))
  }
}

/** Marks of the time axis: 24 hours, the day where one begins. */
const clockMarks: uPlot.Axis.Values = [
  [86400, '{D} {MMM}', null, null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', '\n{WWW} {D} {MMM}', null, '\n{WWW} {D}', null, null, null, 1],
  [60, '{HH}:{mm}', '\n{WWW} {D} {MMM}', null, '\n{WWW} {D}', null, null, null, 1],
]

/** "Now" as a line; what comes after it is a plan and is hatched. */
function drawNow(u: uPlot, now: number, ink: string, rule: string) {
  const { left, top, width, height } = u.bbox
  const x = Math.round(u.valToPos(now, 'x', true))
  if (x < left || x > left + width) return
  const pen = u.ctx
  pen.save()
  pen.beginPath()
  pen.rect(x, top, left + width - x, height)
  pen.clip()
  pen.strokeStyle = rule
  pen.lineWidth = 1
  pen.beginPath()
  for (let at = x - height; at < left + width; at += 10) {
    pen.moveTo(at, top + height)
    pen.lineTo(at + height, top)
  }
  pen.stroke()
  pen.restore()
  pen.save()
  pen.strokeStyle = ink
  pen.lineWidth = 1.5
  pen.beginPath()
  pen.moveTo(x, top)
  pen.lineTo(x, top + height)
  pen.stroke()
  pen.restore()
}

export function csv(h: History): string {
  const head = ['time', ...h.series.map((s) => `${s.name}_${s.unit === '1' ? 'ratio' : s.unit}`)]
  const rows = h.times.map((t, i) => [new Date(t).toISOString(), ...h.series.map((s) => s.values[i] ?? '')].join(','))
  return [head.join(','), ...rows].join('\n') + '\n'
}

export function save(name: string, blob: Blob) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
