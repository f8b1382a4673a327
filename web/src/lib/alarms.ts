// Alarms of one rule that say the same, as one: seven packs that fall silent together are one thing that happened.

import type { Alarm } from './picture'

export interface Grouped {
  id: string
  /** The first of them speaks for all. */
  alarm: Alarm
  all: Alarm[]
  /** "Pack 3", "Packs 1, 2 and 5", "Welfare and Stage". */
  where: string
}

export function grouped(alarms: Alarm[]): Grouped[] {
  const groups = new Map<string, Alarm[]>()
  for (const a of alarms) {
    const id = [a.number, a.rule, a.level, a.what, a.did, a.may_do, a.acting].join('|')
    groups.set(id, [...(groups.get(id) ?? []), a])
  }
  return [...groups].map(([id, all]) => ({ id, alarm: all[0]!, all, where: places(all.map((a) => a.where)) }))
}

/** Places in words; numbered ones of one kind share its name. */
export function places(names: string[]): string {
  const parts = names.map((n) => /^(\D+) (\d+)$/.exec(n))
  const kind = parts[0]?.[1]
  if (names.length > 1 && kind && parts.every((p) => p?.[1] === kind))
    return `${kind}s ${list(parts.map((p) => p![2]!))}`
  return list(names)
}

function list(names: string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
}
