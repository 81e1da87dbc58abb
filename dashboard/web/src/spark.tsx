// Small charts without axes: sparkline, bars, parts.
import { useSize } from './size'
import type { Limit } from './types'

type Values = (number | null)[]

/** The lowest and highest value of each pixel column, so that no extreme is lost. */
function columns(values: Values, width: number): { x: number; y: number | null }[] {
  const n = values.length
  if (n <= width * 2) return values.map((y, i) => ({ x: n > 1 ? i / (n - 1) : 1, y }))
  const out: { x: number; y: number | null }[] = []
  for (let c = 0; c < width; c++) {
    const part = values.slice(Math.floor((c * n) / width), Math.floor(((c + 1) * n) / width))
    const there = part.filter(v => v !== null)
    const x = c / (width - 1)
    if (!there.length) out.push({ x, y: null })
    else out.push({ x, y: Math.min(...there) }, { x, y: Math.max(...there) })
  }
  return out
}

interface Props { values: Values; width: number; height: number; limits?: Limit[]; tone?: string; dot?: boolean; share?: boolean }

export function Spark({ values: all, width, height, limits = [], tone = '', dot = true, share }: Props) {
  const start = all.findIndex(v => v !== null)
  const values = start > all.length / 2 ? all.slice(start) : all // young: from the first reading
  const there = values.filter(v => v !== null)
  if (!there.length || width < 8) return null
  const last = there[there.length - 1]
  let lo = Math.min(...there), hi = Math.max(...there)
  for (const l of limits) if (l.value !== null) { lo = Math.min(lo, l.value); hi = Math.max(hi, l.value) }
  const least = share && last > 90 ? 0.3 : Math.abs(last) * 0.1 // noise stays flat; near 100 % a tenth is a lot
  if (hi - lo < least) { const mid = (hi + lo) / 2; lo = mid - least / 2; hi = mid + least / 2 }
  if (hi === lo) { lo -= 1; hi += 1 }
  const pad = 3.5
  const X = (x: number) => (pad + x * (width - 2 * pad)).toFixed(1)
  const Y = (y: number) => (height - pad - ((y - lo) / (hi - lo)) * (height - 2 * pad)).toFixed(1)
  let d = '', pen = false
  for (const p of columns(values, Math.floor(width))) {
    if (p.y === null) { pen = false; continue }
    d += (pen ? 'L' : 'M') + X(p.x) + ' ' + Y(p.y)
    pen = true
  }
  return (
    <svg class="spark" width={width} height={height} aria-hidden="true">
      {limits.map(l => l.value !== null && <line class={'limit l-' + (l.level ?? 'target').toLowerCase()} x1="0" x2={width} y1={Y(l.value)} y2={Y(l.value)} />)}
      <path d={d} />
      {dot && values[values.length - 1] !== null && <circle class={tone} cx={X(1)} cy={Y(last)} r="2.800" />}
    </svg>
  )
}

export function SparkBars({ values, width, height }: { values: Values; width: number; height: number }) {
  const hi = Math.max(1e-9, ...values.map(v => v ?? 0))
  const slot = width / Math.max(1, values.length)
  const gap = slot > 5 ? 2 : 1
  return (
    <svg class="sparkbars" width={width} height={height} aria-hidden="true">
      {values.map((v, i) => v !== null && v > 0 && (
        <rect class={i === values.length - 1 ? 'last' : ''} x={(i * slot).toFixed(1)} width={Math.max(1, slot - gap).toFixed(1)}
          y={(height - (v / hi) * height).toFixed(1)} height={((v / hi) * height).toFixed(1)} />
      ))}
    </svg>
  )
}

/** A sparkline as wide as its place. */
export function WideSpark(p: Omit<Props, 'width' | 'height'> & { bars?: boolean }) {
  const { ref, w, h } = useSize<HTMLDivElement>()
  return (
    <div class="widespark" ref={ref}>
      {w > 0 && (p.bars ? <SparkBars values={p.values} width={w} height={h} /> : <Spark {...p} width={w} height={h} />)}
    </div>
  )
}

/** Good, needs improvement, poor as parts of a whole, 2 px apart. */
export function Parts({ of, width, height }: { of: Values; width: number; height: number }) {
  const sum = of.reduce<number>((a, b) => a + (b ?? 0), 0)
  if (sum <= 0) return null
  const names = of.length === 3 ? ['v-good', 'v-ni', 'v-poor'] : ['s1', 's2', 's3', 's4']
  const text = of.length === 3 ? ['good', 'needs improvement', 'poor'] : []
  let x = 0
  return (
    <svg class="parts" width={width} height={height} role="img"
      aria-label={of.map((v, i) => `${Math.round(((v ?? 0) / sum) * 100)} % ${text[i] ?? 'part ' + (i + 1)}`).join(', ')}>
      {of.map((v, i) => {
        const w = ((v ?? 0) / sum) * width
        const at = x
        x += w
        return w > 0.3 && <rect class={names[i % 4]} x={at.toFixed(1)} width={Math.max(0.8, w - (i < of.length - 1 ? 2 : 0)).toFixed(1)} height={height} />
      })}
    </svg>
  )
}

export function WideParts({ of, height }: { of: Values; height: number }) {
  const { ref, w } = useSize<HTMLDivElement>()
  return <div class="wideparts" ref={ref}>{w > 0 && <Parts of={of} width={w} height={height} />}</div>
}

export function Bar({ share, width, tone = '' }: { share: number; width: number; tone?: string }) {
  return (
    <svg class={'bar ' + tone} width={width} height="8" aria-hidden="true">
      <rect class="track" width={width} height="8" />
      <rect class="fill" width={(Math.min(1, Math.max(0, share)) * width).toFixed(1)} height="8" />
    </svg>
  )
}
