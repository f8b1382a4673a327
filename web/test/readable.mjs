// Can everybody read and touch it: axe's rules of WCAG 2.2 A and AA, targets of 44 px, and nothing that runs off the side.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The findings on a page, as sentences; empty when there are none. */
export async function readability(page) {
  await page.evaluate(axe) // in the page's own world: its policy admits no foreign script tag
  const findings = await page.evaluate(async () => {
    const result = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    })
    const said = result.violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map(
        (v) =>
          `axe ${v.id}: ${v.help}: ${v.nodes
            .map((n) => n.target.join(' '))
            .slice(0, 4)
            .join(' | ')}`,
      )
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
    if (wide > 0) said.push(`it is ${wide} px wider than the window`)
    for (const control of document.querySelectorAll('button, .button, input, select, summary, nav a')) {
      const box = control.getBoundingClientRect()
      if (box.width === 0 || control.closest('label') || getComputedStyle(control).visibility === 'hidden') continue
      if (box.height < 43.5)
        said.push(
          `"${control.textContent?.trim() || control.tagName}" is ${Math.round(box.height)} px high, a finger needs 44`,
        )
    }
    return said
  })
  return findings
}
