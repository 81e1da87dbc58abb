// The marks that say what colour alone must not: badges, verdicts, deltas.
import type { Change } from './types'

export function Badge({ level }: { level: string }) {
  return <span class={'badge ' + level.toLowerCase()}>{level}</span>
}

const words: Record<string, string> = { good: 'Good', ni: 'Needs improvement', poor: 'Poor', none: 'No data' }

/** Shape of a verdict: dot, triangle, diamond, dotted ring. */
export function Shape({ of }: { of: string }) {
  return (
    <svg class={'shape v-' + of} width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      {of === 'good' ? <circle cx="5" cy="5" r="4" /> : of === 'ni' ? <path d="M5 .8 9.600 9H.4z" /> :
        of === 'poor' ? <path d="M5 .3 9.700 5 5 9.700.300 5z" /> : of === 'pause' ? <path d="M1 1h8v8H1z" /> : <circle cx="5" cy="5" r="3.800" />}
    </svg>
  )
}

export function Mark({ of, text }: { of: string; text?: string }) {
  return <span class={'mark t-' + of}><Shape of={of} />{text || words[of] || of}</span>
}

export function tone(good: number): string {
  return good > 0 ? 'better' : good < 0 ? 'worse' : 'same'
}

export function Delta({ change }: { change: Change }) {
  const said = /worse|better/.test(change.text)
  return <span class={tone(change.good)}>{change.text}{change.good !== 0 && !said && <span class="sr"> {tone(change.good)}</span>}</span>
}

export const isLevel = (s?: string) => !!s && /^P[0-3]$/.test(s)
