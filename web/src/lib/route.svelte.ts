// The hash router: the address names the page, so that it can be shared, printed and reached without a server.

import type { Component } from 'svelte'
import type { Picture } from './picture'

class Route {
  path = $state(read())

  start(): () => void {
    const turn = () => {
      this.path = read()
      window.scrollTo(0, 0)
    }
    window.addEventListener('hashchange', turn)
    return () => window.removeEventListener('hashchange', turn)
  }
}

function read(): string {
  const path = window.location.hash.replace(/^#\/?/, '')
  return path.split('?')[0] ?? ''
}

export const route = new Route()

type Module = Promise<{ default: Component<{ picture: Picture }> }>

export interface Place {
  path: string
  name: string
  /** In the bar at the foot of a phone. */
  low?: boolean
  /** Only where the machine is simulated. */
  twin?: boolean
  /** Loaded when first opened: the first screen must not wait for it. */
  page?: () => Module
}

export const places: Place[] = [
  { path: '', name: 'Now', low: true },
  { path: 'vehicles', name: 'Vehicles', low: true, page: () => import('../pages/Vehicles.svelte') },
  { path: 'packs', name: 'Packs', low: true, page: () => import('../pages/Packs.svelte') },
  { path: 'supply', name: 'Supply and loads', page: () => import('../pages/Supply.svelte') },
  { path: 'alarms', name: 'Alarms', low: true, page: () => import('../pages/Alarms.svelte') },
  { path: 'history', name: 'History', page: () => import('../pages/History.svelte') },
  { path: 'control', name: 'Control', page: () => import('../pages/Control.svelte') },
  { path: 'arrive', name: 'Arrival check', page: () => import('../pages/Arrive.svelte') },
  { path: 'responder', name: 'First responders', page: () => import('../pages/Responder.svelte') },
  { path: 'bench', name: 'Bench', twin: true, page: () => import('../pages/Bench.svelte') },
]
