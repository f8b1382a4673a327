// The words and the geometry of the page without a browser: what is rounded how, and that the picture holds for any
// machine, from two packs to thirty-two, on any screen.
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'vite'
import { colours } from './colour.mjs'

const root = new URL('..', import.meta.url).pathname
const server = await createServer({
  root,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null },
  appType: 'custom',
})

try {
  words(await server.ssrLoadModule('/src/lib/format.ts'))
  const { complete } = await server.ssrLoadModule('/src/lib/picture.ts')
  assert.deepEqual(complete({ unit: 'A', alarms: null, packs: [1] }), {
    unit: 'A',
    alarms: [],
    packs: [1],
    feeders: [],
    circuits: [],
    outlets: [],
    bookings: [],
  })
  groups(await server.ssrLoadModule('/src/lib/alarms.ts'))
  const flow = await server.ssrLoadModule('/src/lib/flow.ts')
  assert.deepEqual(flow.wrap('Catering and tools', 80), ['Catering', 'and tools'])
  assert.deepEqual(flow.wrap('Stage', 80), ['Stage'])
  assert.ok(flow.wrap('Antidisestablishmentarianism of the very large stage', 80).every((line) => line.length <= 11))
  await geometry(flow)
  colours()
  console.log('words, geometry and colours hold')
} finally {
  await server.close()
}

/** Alarms that say the same are one; those that do not stay apart. */
function groups({ grouped, places }) {
  const alarm = (number, where, acting = true) => ({
    number,
    where,
    acting,
    rule: 'r',
    level: 'open',
    what: 'w',
    did: 'd',
    may_do: 'm',
  })
  assert.equal(places(['Pack 1', 'Pack 2', 'Pack 7']), 'Packs 1, 2 and 7')
  assert.equal(places(['Pack 1', 'Stage']), 'Pack 1 and Stage')
  assert.equal(places(['Stage']), 'Stage')
  const list = grouped([alarm(1, 'Pack 1'), alarm(2, 'Pack 1'), alarm(1, 'Pack 2'), alarm(1, 'Pack 3', false)])
  assert.deepEqual(
    list.map((g) => g.where),
    ['Packs 1 and 2', 'Pack 1', 'Pack 3'],
  )
}

function words(f) {
  const is = (got, want) => assert.equal(got.replaceAll('\u202f', ' '), want)
  is(f.line(f.kilowatts({ value: -7350 })), '7.4 kW')
  is(f.line(f.kilowatts({ value: 47382.9 })), '47 kW')
  is(f.line(f.kilowatts({ value: 9960 })), '10 kW')
  is(f.line(f.kilowatts({ value: 20 })), '0 kW')
  const was = f.kilowatts({ why: 'no reading since', last: 7350, age: 34.5 })
  is(f.line(was), '7.4 kW')
  assert.equal(was.known, false)
  is(was.old, '30 s ago')
  assert.equal(f.kilowatts({ why: 'never' }).text, '–')
  is(f.line(f.kilowattHours({ value: 267400 })), '267 kWh')
  is(f.line(f.kilowattHours({ value: 1234567 })), '1235 kWh')
  is(f.line(f.kilowattHours({ value: 12345678 })), '12 346 kWh')
  is(f.line(f.kilowattHours({ value: 4300, sigma: 1200 })), '4 kWh')
  is(f.line(f.kilowattHours({ why: 'not measured yet' })), '–')
  assert.equal(f.kilowattHours({ why: 'not measured yet' }).note, 'not measured yet')
  is(f.line(f.kilograms({ value: -0.02 })), '0 kg')
  is(f.line(f.kilograms({ value: -12.4 })), '−12 kg')
  is(f.line(f.percent({ value: 0.0021 })), '0.2 %')
  is(f.line(f.percent({ value: 0.666 })), '67 %')
  is(f.line(f.celsius({ value: -3.6 })), '−4 °C')
  assert.equal(f.celsius({ value: 20, age: 12.4 }).note, '12 s old')
  is(f.duration(42), '40 s')
  is(f.duration(45 * 60), '45 min')
  is(f.duration(2 * 3600 + 27 * 60), '2 h 25')
  is(f.duration(5 * 3600 + 38 * 60), '5 h 40')
  is(f.duration(6 * 3600), '6 h')
  is(f.duration(54 * 3600), '2 d 6 h')
  is(f.duration(NaN), '–')
  const p = { unix_milli: Date.UTC(2021, 5, 15, 16, 4), zone_offset: 3600, clock_trust: 'high' }
  is(f.clock(Date.UTC(2021, 5, 15, 16, 30), p), '17:30')
  is(f.clock(Date.UTC(2021, 5, 15, 23, 19), p), 'Wed 00:19')
  is(f.zone(p), 'UTC+01:00')
  is(f.zone({ ...p, zone_offset: -12600 }), 'UTC−03:30')
}

async function geometry({ scene }) {
  const folder = `${root}src/fixtures/`
  const fixtures = readdirSync(folder).map((name) => JSON.parse(readFileSync(folder + name, 'utf8')))
  const many = (list, n) =>
    Array.from({ length: n }, (_, i) => ({ ...list[i % list.length], name: `${list[i % list.length].name} ${i}` }))
  const machines = fixtures.flatMap((p) => [
    p,
    { ...p, packs: many(p.packs, 2), outlets: many(p.outlets, 1), circuits: [] },
    {
      ...p,
      packs: many(p.packs, 32),
      outlets: many(p.outlets, 64),
      circuits: many(p.circuits, 12),
      feeders: many(p.feeders, 6),
    },
    { ...p, feeders: [], circuits: [], outlets: [] },
    { ...p, packs: [] },
  ])
  for (const p of machines) {
    for (const width of [320, 358, 619, 620, 880, 1400]) {
      const s = scene(p, width)
      const where = `${p.unit}, ${p.packs.length} packs, ${p.outlets.length} outlets, ${width} px`
      sound(s, where)
      for (const r of s.ribbons) {
        assert.ok(Number.isFinite(r.width) && r.width >= 0, `${where}: ${r.id} is ${r.width} px wide`)
        assert.ok(
          r.gap ? r.marks.length === 2 : r.marks.length === 0,
          `${where}: ${r.id}: an open contactor is a gap with two marks`,
        )
        const sum = r.mix.reduce((a, m) => a + m.part, 0)
        assert.ok(r.mix.length === 0 || Math.abs(sum - 1) < 1e-9, `${where}: shares of ${r.id} sum to ${sum}`)
        // One scale for the whole picture.
        if (Math.abs(r.watts) > 2000)
          assert.ok(
            Math.abs(r.width - Math.max(1.5, (Math.abs(r.watts) / 1000) * s.perKilowatt)) < 1e-6,
            `${where}: ${r.id} is off the scale`,
          )
      }
      for (const side of [true, false]) {
        const ys = s.labels.filter((l) => l.end === side).map((l) => l.y)
        for (let i = 1; i < ys.length; i++)
          assert.ok(ys[i] - ys[i - 1] >= 34, `${where}: two names stand on one another`)
      }
      s.vessels.forEach((v, i) => {
        assert.ok(v.x >= -0.5 && v.x + v.asNew <= width + 0.5, `${where}: vessel ${i} is outside`)
        assert.ok(v.today <= v.asNew + 1e-9, `${where}: vessel ${i} holds more than as new`)
        if (i > 0)
          assert.ok(v.x >= s.vessels[i - 1].x + s.vessels[i - 1].asNew, `${where}: vessels ${i - 1} and ${i} overlap`)
      })
      assert.ok(s.dc.y >= s.ac.y + s.ac.height, `${where}: the buses overlap`)
      assert.ok(
        s.labels.every((l) => l.y > 0 && l.y < s.height),
        `${where}: a name is outside`,
      )
    }
  }
}

/** Every number is one, in values and in paths. */
function sound(value, where) {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${where}: a coordinate is ${value}`)
  else if (typeof value === 'string') assert.ok(!/NaN|Infinity|undefined/.test(value), `${where}: "${value}"`)
  else if (value && typeof value === 'object')
    for (const [key, part] of Object.entries(value)) sound(part, `${where}, ${key}`)
}
