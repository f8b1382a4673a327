// The hues of the page, as every eye sees them: far enough apart for protan, deutan and tritan eyes (Machado, Oliveira,
// Fernandes 2009, full severity), and strong enough against the paper, in light and dark. WCAG 2.2: 4.5 for text, 3 for
// shapes.
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'

const css = readFileSync(new URL('../src/app.css', import.meta.url), 'utf8')
const kinds = ['solar', 'grid', 'generator', 'ccs', 'stored', 'vehicle', 'load']
const eyes = {
  common: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
}

/** Hues closer than this in OKLab look alike at the size of a dot. */
const apart = 0.075

export function colours(report = false) {
  for (const [scheme, side] of [
    ['light', 0],
    ['dark', 1],
  ]) {
    const paper = token('paper', side)
    for (const name of kinds) {
      const strength = contrast(token(name, side), paper)
      if (report) console.log(scheme, name, 'against paper', strength.toFixed(2))
      assert.ok(strength >= 3, `${name}, ${scheme}: ${strength.toFixed(2)} against the paper, a shape needs 3`)
    }
    for (const [name, ground] of [
      ['ink', 'paper'],
      ['quiet', 'paper'],
      ['quiet', 'raised'],
      ['ink', 'look-paper'],
      ['look-ink', 'paper'],
      ['stop-ink', 'paper'],
    ]) {
      const strength = contrast(token(name, side), token(ground, side))
      assert.ok(strength >= 4.5, `${name} on ${ground}, ${scheme}: ${strength.toFixed(2)}, text needs 4.5`)
    }
    for (const [eye, matrix] of Object.entries(eyes)) {
      const seen = kinds.map((name) => [name, lab(see(token(name, side), matrix))])
      for (let i = 0; i < seen.length; i++) {
        for (let j = 0; j < i; j++) {
          const far = Math.hypot(...seen[i][1].map((x, k) => x - seen[j][1][k]))
          if (report && far < 0.1) console.log(scheme, eye, seen[j][0], seen[i][0], far.toFixed(3))
          assert.ok(
            report || far >= apart,
            `${seen[j][0]} and ${seen[i][0]}, ${scheme}, ${eye} eyes: ${far.toFixed(3)} apart, ${apart} are needed`,
          )
        }
      }
    }
  }
}

/** A colour of app.css as linear sRGB. */
function token(name, side) {
  const found = css.match(new RegExp(`--${name}: light-dark\\((.+)\\);`))
  assert.ok(found, `app.css has no --${name}`)
  const text = found[1].split(/,\s*(?![^(]*\))/)[side].trim()
  const oklch = text.match(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/)
  if (oklch) return fromOklch(...oklch.slice(1).map(Number))
  const hex = text.match(/#(..)(..)(..)/)
  return hex.slice(1).map((h) => linear(parseInt(h, 16) / 255))
}

function linear(x) {
  return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4
}

function fromOklch(l, c, h) {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)]
  const [x, y, z] = [
    (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ]
  return [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ].map((v) => Math.min(1, Math.max(0, v)))
}

function see(rgb, m) {
  return [0, 3, 6].map((i) => Math.min(1, Math.max(0, m[i] * rgb[0] + m[i + 1] * rgb[1] + m[i + 2] * rgb[2])))
}

function lab([red, green, blue]) {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function contrast(a, b) {
  const light = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
  const [x, y] = [light(a), light(b)]
  return Math.max(x, y) / Math.min(x, y)
}
