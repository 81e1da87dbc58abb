// Figures and times as people read them.

export const thin = '\u202f'
const minus = '\u2212'
let zone: string | undefined

export function setZone(z: string) { zone = z || undefined }
export function getZone() { return zone }

const sign = (s: string) => s.replace('-', minus)
const grouped = (v: number, digits: number) =>
  sign(v.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }))

/** Three figures, no decimals that say nothing. */
export function figure(v: number, unit = ''): string {
  const a = Math.abs(v)
  if (a >= 1e6) return compact(v)
  if (Number.isInteger(v)) return grouped(v, 0)
  if (unit === '%' && a > 99.5 && a < 100) return grouped(v, 2)
  return grouped(v, Math.min(natural(v), decimals(a)))
}

/** How many decimals three figures of a take. */
export const decimals = (a: number) => (a >= 100 ? 0 : a >= 10 ? 1 : a >= 0.01 ? 2 : 3)

/** How many decimals v has, as it is written. */
export const natural = (v: number) => (String(v).split('.')[1] ?? '').length

export const fixed = grouped

/** 3 figures with k or M. */
export function compact(v: number, from = 1e4): string {
  const a = Math.abs(v)
  const short = (x: number, s: string) => sign(String(Number(x.toPrecision(3)))) + s
  if (a >= 1e9) return short(v / 1e9, 'bn')
  if (a >= 999500) return short(v / 1e6, 'M')
  if (a >= from) return short(v / 1e3, 'k')
  return Number.isInteger(v) ? grouped(v, 0) : sign(String(Number(v.toPrecision(3))))
}

const symbols: Record<string, string> = { EUR: '€', USD: '$', GBP: '£', JPY: '¥' }

/** Money from minor units: to the unit; above a million in three figures, but in full in a table. */
export function money(minor: number, currency: string, digits = 0, short = false, full = false): string {
  const v = minor / 10 ** digits
  const symbol = symbols[currency] ?? currency + '\u00a0'
  const head = v < 0 ? minus + symbol : symbol
  const a = Math.abs(v)
  if (a >= 999500 && !full) return head + (a / 1e6).toFixed(2) + 'M'
  if (short && a >= 1000) return head + compact(a, 1000)
  return head + grouped(a, a < 100 && !Number.isInteger(a) ? Math.min(digits, 2) : 0)
}

/** A figure with its unit, for labels and cells. */
export function withUnit(v: number, unit?: string): string {
  if (!unit) return figure(v)
  if (unit === '%') return figure(v, '%') + thin + '%'
  if (unit === '×') return figure(v) + '×'
  return figure(v) + '\u00a0' + unit
}

const formats = new Map<string, Intl.DateTimeFormat>()
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  let f = formats.get(key)
  if (!f) {
    f = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone, hourCycle: 'h23' })
    formats.set(key, f)
  }
  return f
}

export const clock = (s: number) => format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(s * 1000)
export const minute = (s: number) => format({ hour: '2-digit', minute: '2-digit' }).format(s * 1000)
export const dayName = (s: number) => format({ weekday: 'short', day: 'numeric' }).format(s * 1000).replace(',', '')
export const dayMonth = (s: number) => format({ day: 'numeric', month: 'short' }).format(s * 1000)
export const hour = (s: number) => format({ hour: '2-digit' }).format(s * 1000)
export const stamp = (s: number) => format({ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(s * 1000)

/** Seconds that the zone is ahead of UTC at s. */
export function offset(s: number): number {
  const p = Object.fromEntries(format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
    .formatToParts(s * 1000).map(x => [x.type, x.value]))
  return Date.UTC(+p.year, +p.month - 1, +p.day, +p.hour, +p.minute, +p.second) / 1000 - Math.floor(s)
}

export function week(s: number): string {
  const d = new Date((s + offset(s)) * 1000)
  d.setUTCDate(d.getUTCDate() + 4 - (d.getUTCDay() || 7))
  return 'W' + Math.ceil(((d.getTime() - Date.UTC(d.getUTCFullYear(), 0, 1)) / 864e5 + 1) / 7)
}

export function duration(s: number): string {
  if (s < 90) return Math.max(0, Math.round(s)) + ' s'
  if (s < 90 * 60) return Math.round(s / 60) + ' min'
  if (s < 36 * 3600) return Math.round(s / 3600) + ' h'
  return Math.round(s / 86400) + ' d'
}

/** A step that gives round ticks: top / n, rounded up. */
export function nice(raw: number): number {
  if (!(raw > 0)) return 1
  const p = 10 ** Math.floor(Math.log10(raw))
  for (const m of [1, 2, 2.5, 5, 6, 10]) if (m * p >= raw * (1 - 1e-9)) return m * p
  return 10 * p
}

/** Round moments between two, at least gap pixels apart, by the zone's clock. */
export function moments(from: number, to: number, width: number, gap = 58): { at: number[]; step: number } {
  const steps = [60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000]
  const most = Math.max(1, width / gap)
  const step = steps.find(s => (to - from) / s <= most) ?? 7776000
  const at: number[] = []
  const base = offset(from)
  let t = Math.ceil((from + base) / step) * step - base
  for (; t <= to; t += step) at.push(t)
  return { at, step }
}

export function momentLabel(s: number, step: number, oneDay = false, end = false): string {
  if (step >= 86400) return dayMonth(s)
  const local = (s + offset(s)) % 86400
  if (local === 0) return oneDay ? (end ? '24' : '00') : dayName(s)
  return step >= 3600 ? hour(s) : minute(s)
}
