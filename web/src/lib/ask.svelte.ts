// Asking the unit: one question at a time, each with its consequence in words, sent as a request with a source and an
// expiry. The unit decides; its answer is shown as it came.

export interface Wish {
  verb: string
  target?: number
  number?: number
  energy_wh?: number
  power_w?: number
  from?: number
  until?: number
  text?: string
  person?: string
  record?: Record<string, unknown>
  expires_in_s?: number
}

/** One more thing that the person must say, and how it enters the wish. */
export interface Field {
  label: string
  hint?: string
  kind: 'text' | 'number' | 'time'
  unit?: string
  min?: number
  max?: number
  step?: number
  value?: string
  /** Puts what was typed into the wish. */
  apply: (wish: Wish, typed: string) => void
  /** A remark on what was typed: it warns, it does not forbid. */
  remark?: (typed: string) => string
}

export interface Question {
  title: string
  /** What will happen, and what it means for people and vehicles. */
  consequence: string
  label: string
  danger?: boolean
  fields?: Field[]
  wish: Wish
}

export interface Outcome {
  granted: boolean
  why: string
}

class Asking {
  question = $state.raw<Question | null>(null)

  open(question: Question) {
    this.question = question
  }

  close() {
    this.question = null
  }
}

export const asking = new Asking()

/** Who acts on the machine is named; a driver's own need and a stop in danger are never refused for a name. */
export function needsName(wish: Wish): boolean {
  return !['visit-need', 'visit-end', 'booking', 'emergency-stop'].includes(wish.verb)
}

const nameKey = 'reprise.person'

export function rememberedPerson(): string {
  try {
    return localStorage.getItem(nameKey) ?? ''
  } catch {
    return ''
  }
}

export function rememberPerson(name: string) {
  try {
    localStorage.setItem(nameKey, name)
  } catch {
    // A browser without storage asks each time.
  }
}

export async function send(wish: Wish): Promise<Outcome> {
  const answer = await post<{ granted: boolean; why: string }>('/api/v1/requests', wish)
  return 'trouble' in answer ? { granted: false, why: answer.trouble } : answer
}

interface Problem {
  title?: string
  detail?: string
  errors?: { message?: string; location?: string }[]
}

/** Posts JSON; a problem comes back as one sentence. */
export async function post<T>(path: string, body: unknown): Promise<T | { trouble: string }> {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return await read<T>(answer)
  } catch {
    return {
      trouble: 'The unit did not answer. Nothing is known of the request: look at the picture before you repeat it.',
    }
  }
}

export async function get<T>(path: string): Promise<T | { trouble: string }> {
  try {
    return await read<T>(await fetch(path))
  } catch {
    return { trouble: 'The unit did not answer.' }
  }
}

async function read<T>(answer: Response): Promise<T | { trouble: string }> {
  if (answer.ok) return (await answer.json()) as T
  if (answer.status === 401) return { trouble: 'This device has not entered the token of the unit. Reload the page.' }
  const problem = (await answer.json().catch(() => ({}))) as Problem
  const parts = (problem.errors ?? []).map((e) => `${e.location ?? ''}: ${e.message ?? ''}`)
  return { trouble: [problem.detail ?? problem.title ?? `Error ${answer.status}`, ...parts].join('. ') }
}
