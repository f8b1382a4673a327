// What a person may ask of the unit, each with its consequence in words. One place, so that every page says the same.

import type { Question, Wish } from './ask.svelte'
import { clock, kilowatts, line } from './format'
import { known, type Alarm, type Circuit, type Feeder, type Outlet, type Pack, type Picture } from './picture'

export function start(p: Picture): Question {
  return {
    title: `Start ${p.unit}?`,
    consequence:
      'The packs are connected one by one, the inverter starts and the circuits are switched on in the order of their priority. Circuits and outlets become live.',
    label: 'Start',
    wish: { verb: 'start' },
  }
}

export function stop(p: Picture): Question {
  const busy = p.outlets.filter((o) => o.plugged === 'yes').length
  return {
    title: `Stop ${p.unit}?`,
    consequence: `Loads are shed first, then the packs are opened in order. Everything that hangs on this unit goes dark${busy ? `, and ${busy} ${busy === 1 ? 'vehicle stops' : 'vehicles stop'} charging` : ''}.`,
    label: 'Stop in order',
    danger: true,
    wish: { verb: 'stop' },
  }
}

export function blackStart(p: Picture): Question {
  return {
    title: 'Black start?',
    consequence: `${p.unit} starts from its own packs with no supply and forms its own network. Make sure that nobody works on the circuits: they become live one by one.`,
    label: 'Black start',
    wish: { verb: 'black-start' },
  }
}

export function emergencyStop(p: Picture): Question {
  return {
    title: 'Stop everything at once?',
    consequence: `Every contactor of ${p.unit} opens now and everything goes dark. Only a person at the unit can clear it. For danger only: to end a day use Stop.`,
    label: 'Emergency stop',
    danger: true,
    wish: { verb: 'emergency-stop' },
  }
}

export function transport(on: boolean): Question {
  return on
    ? {
        title: 'Lock for transport?',
        consequence:
          'Everything is opened and stays locked until arrival is reported. Supplies must be checked again at the next site.',
        label: 'Lock for transport',
        danger: true,
        wish: { verb: 'transport-on' },
      }
    : {
        title: 'Arrived?',
        consequence: 'The transport lock is lifted. Nothing is closed yet: check the supply first.',
        label: 'Arrived',
        wish: { verb: 'transport-off' },
      }
}

export function outlet(o: Outlet, index: number): Question {
  return o.on
    ? {
        title: `Switch ${o.name} off?`,
        consequence:
          o.plugged === 'yes'
            ? 'The vehicle stops charging and its promise ends.'
            : 'Nobody can charge here until it is switched on again.',
        label: 'Switch off',
        wish: { verb: 'outlet-off', target: index },
      }
    : {
        title: `Switch ${o.name} on?`,
        consequence: 'The outlet may charge again; a vehicle that is plugged in starts when it is its turn.',
        label: 'Switch on',
        wish: { verb: 'outlet-on', target: index },
      }
}

export function visitNeed(o: Outlet, index: number, p: Picture): Question {
  const later = new Date((o.visit.until || p.unix_milli + 3 * 3600e3) + p.zone_offset * 1000)
    .toISOString()
    .slice(11, 16)
  return {
    title: `What does the vehicle at ${o.name} need?`,
    consequence: 'The unit answers with a promise. It may promise less when the energy is owed to others.',
    label: 'Ask for it',
    fields: [
      {
        label: 'Energy',
        unit: 'kWh',
        kind: 'number',
        min: 0.5,
        max: 200,
        step: 0.5,
        value: known(o.visit.need) ? String(o.visit.need.value / 1000) : '10',
        apply: (wish, typed) => (wish.energy_wh = Number(typed) * 1000),
      },
      {
        label: 'Leaves at',
        hint: `Local time at the site; it is ${clock(p.unix_milli, p)} now. An earlier time means tomorrow.`,
        kind: 'time',
        value: later,
        apply: (wish, typed) => (wish.until = atTime(typed, p)),
      },
    ],
    wish: { verb: 'visit-need', target: index },
  }
}

export function visitEnd(o: Outlet, index: number): Question {
  return {
    title: `End the visit at ${o.name}?`,
    consequence: 'Charging ends and what was promised is free for others.',
    label: 'End the visit',
    wish: { verb: 'visit-end', target: index },
  }
}

/** The next moment at which the site's clock shows "hh:mm". */
export function atTime(text: string, p: Picture, after = p.unix_milli): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  const local = after + p.zone_offset * 1000
  const midnight = local - (local % 86400e3)
  const at = midnight + (hours * 60 + minutes) * 60e3
  return (at > local ? at : at + 86400e3) - p.zone_offset * 1000
}

export function circuit(c: Circuit, index: number): Question {
  return c.on
    ? {
        title: `Switch ${c.name} off?`,
        consequence: `What hangs on it goes dark${known(c.draw) && c.draw.value > 40 ? `: it draws ${line(kilowatts(c.draw))} now` : ''}.`,
        label: 'Switch off',
        danger: true,
        wish: { verb: 'circuit-off', target: index },
      }
    : {
        title: `Switch ${c.name} on?`,
        consequence: 'What hangs on it becomes live. Make sure that nobody works on it.',
        label: 'Switch on',
        wish: { verb: 'circuit-on', target: index },
      }
}

export function priority(c: Circuit, index: number): Question {
  return {
    title: `Shed priority of ${c.name}`,
    consequence: 'When there is too little power, the highest number goes dark first; 1 goes last.',
    label: 'Set priority',
    fields: [
      {
        label: 'Priority',
        kind: 'number',
        min: 1,
        max: 9,
        step: 1,
        value: String(c.priority),
        apply: (wish: Wish, typed: string) => (wish.number = Number(typed)),
      },
    ],
    wish: { verb: 'circuit-priority', target: index },
  }
}

export function feeder(f: Feeder, index: number): Question {
  return f.used
    ? {
        title: `Stop using ${f.name}?`,
        consequence: f.live
          ? 'It carries the network now. The unit goes to island if it can; else the loads go dark.'
          : 'The unit takes nothing from it until it is allowed again.',
        label: 'Stop using it',
        danger: f.live,
        wish: { verb: 'feeder-off', target: index },
      }
    : {
        title: `Use ${f.name} again?`,
        consequence: 'The unit may close it when it was checked and its volts and hertz are in band.',
        label: 'Use it',
        wish: { verb: 'feeder-on', target: index },
      }
}

export function generator(f: Feeder, index: number, run: boolean): Question {
  return {
    title: run ? `Run ${f.name} now?` : `${f.name}: back to automatic?`,
    consequence: run
      ? 'It starts, warms up and takes load, quiet hours or not. It runs until it is set back to automatic.'
      : 'The site rule decides when it runs: charge, load, quiet hours.',
    label: run ? 'Run now' : 'Automatic',
    wish: { verb: run ? 'generator-run' : 'generator-auto', target: index },
  }
}

export function importCap(): Question {
  return {
    title: 'Lower the import cap',
    consequence:
      'The unit takes no more than this from the grid. Here it can only be lowered; the installed value is the most.',
    label: 'Lower the cap',
    fields: [
      {
        label: 'At most',
        unit: 'kW',
        kind: 'number',
        min: 0,
        max: 1000,
        step: 0.5,
        apply: (w, typed) => (w.power_w = Number(typed) * 1000),
      },
    ],
    wish: { verb: 'import-cap' },
  }
}

export function reserve(p: Picture): Question {
  return {
    title: 'Energy kept in reserve',
    consequence: 'Vehicles get nothing of it; it stays for an outage. Promises may have to be lowered.',
    label: 'Keep it',
    fields: [
      {
        label: 'Reserve',
        unit: 'kWh',
        kind: 'number',
        min: 0,
        max: 5000,
        step: 1,
        value: known(p.store.reserve) ? String(Math.round(p.store.reserve.value / 1000)) : '0',
        apply: (wish, typed) => (wish.energy_wh = Number(typed) * 1000),
      },
    ],
    wish: { verb: 'reserve' },
  }
}

export function packOut(k: Pack, index: number): Question {
  return {
    title: `Take ${k.name} out for service?`,
    consequence:
      'It is brought to zero and its contactors are opened. The others carry on with less. It stays out until it is put in again with its serial. Its own voltage remains inside.',
    label: 'Take it out',
    danger: true,
    wish: { verb: 'pack-out', target: index },
  }
}

export function packIn(k: Pack, index: number): Question {
  return {
    title: `Put ${k.name} in`,
    consequence:
      'Read the serial on the case of the pack. The unit compares it with the evidence of the pack itself and closes nothing unless they agree.',
    label: 'Put it in',
    fields: [
      {
        label: 'Serial on the case',
        kind: 'text',
        apply: (wish, typed) => (wish.text = typed.trim()),
        remark: (typed) => {
          if (!k.serial) return 'The unit knows no serial for this place yet.'
          if (typed.trim() === k.serial) return '✓ The one that the unit knows here.'
          return `▲ The unit knows ${k.serial} here. A different pack is taken as an exchange and must prove itself.`
        },
      },
    ],
    wish: { verb: 'pack-in', target: index },
  }
}

export function reset(a: Alarm): Question {
  return {
    title: `Reset: ${a.what}?`,
    consequence: `${a.where}. Reset only when the cause is known and gone. ${a.may_do}`,
    label: 'Reset',
    danger: true,
    wish: { verb: 'reset', number: a.number, target: a.subject },
  }
}
