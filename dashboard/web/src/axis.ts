// The vertical axis: zero at the foot unless the panel says otherwise, round ticks.
import { compact, money, nice, withUnit } from './format'
import type { Limit, LineData } from './types'

export function scale(lines: LineData[], limits: Limit[], from: number, height: number, most = Infinity) {
  let hi = -Infinity, lo = from
  for (const l of lines) for (const v of l.values) if (v !== null) { if (v > hi) hi = v; if (v < lo) lo = v }
  for (const l of limits) if (l.value !== null && l.value > hi) hi = l.value
  if (hi > most && hi < most * 1.02) hi = most // noise or smoothing, not a share above all
  if (!(hi > lo)) hi = lo + 1
  const step = nice((hi - lo) / Math.min(4, Math.max(2, Math.round(height / 40))))
  const bottom = Math.floor(lo / step + 1e-9) * step, top = Math.ceil(hi / step - 1e-9) * step
  const ticks: number[] = []
  for (let i = 0; bottom + i * step <= top + step / 2; i++) ticks.push(Number((bottom + i * step).toPrecision(12)))
  return { bottom, top: ticks[ticks.length - 1], ticks }
}

export interface Money { currency?: string; digits?: number }

export function tickLabel(v: number, m: Money): string {
  if (v === 0) return '0'
  if (m.currency) return money(v, m.currency, m.digits, true)
  return compact(v)
}

export function valueLabel(v: number, unit: string | undefined, m: Money): string {
  if (m.currency) return money(v, m.currency, m.digits)
  return withUnit(v, unit === '%' ? '%' : undefined)
}
