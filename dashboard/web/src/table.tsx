import { useState } from 'preact/hooks'
import { compact, decimals, figure, fixed, money, natural, thin, withUnit } from './format'
import { filter } from './store'
import { Badge, isLevel, Mark, Shape } from './marks'
import { Bar, Parts, Spark, WideParts } from './spark'
import type { Cell, CellData, TableData } from './types'

const object = (c: Cell): CellData | null => (c !== null && typeof c === 'object' ? c : null)
export const plain = (c: Cell) => (object(c) ? object(c)!.value : (c as string | number | null))

/** Numbers, and text that begins like one, stand right. */
function numeric(c: Cell): boolean {
  const o = object(c)
  if (o && (o.bar != null || o.spark || o.parts || (o.verdict && typeof o.value !== 'number'))) return false
  const v = plain(c)
  return typeof v === 'number' || (typeof v === 'string' && /^([-+\u2212]?\s*[€$£]?\s*\d|no data$|under |\u2013$|-$)/.test(v))
}

function side(t: TableData, i: number): string {
  if (i === 0 || t.mono) return 'l'
  const cells = t.rows.map(r => r[i]).filter(c => plain(c) !== null && plain(c) !== '' || object(c))
  return cells.length > 0 && cells.every(numeric) ? 'r' : 'l'
}

/** Columns that a phone leaves out: sparks, then those that only compare. */
function minor(t: TableData): Set<number> {
  if (t.minor) return new Set(t.minor)
  const out = new Set<number>()
  const n = t.columns.length
  if (n <= 3) return out
  const each = (f: (c: Cell) => boolean) => t.columns.map((_, i) => i).filter(i => t.rows.some(r => f(r[i])))
  for (const i of each(c => !!object(c)?.spark)) out.add(i)
  for (const i of each(c => !!object(c)?.good)) if (n - out.size > 4 && i < n - 1 && i > 0) out.add(i)
  for (let i = n - 2; i > 1 && n - out.size > 4; i--) out.add(i)
  return out
}

/** One number of decimals for a whole column: what its largest figure takes, no more than they have. */
function places(t: TableData, i: number): number | undefined {
  const cells = t.rows.map(r => r[i])
  const vs = cells.filter(c => !object(c)?.currency && object(c)?.unit === object(cells[0])?.unit).map(plain).filter(v => typeof v === 'number')
  if (vs.length < cells.filter(c => plain(c) !== null).length - (t.total ? 1 : 0) || vs.length < 2) return undefined // figures of several kinds
  return Math.min(Math.max(...vs.map(natural)), decimals(Math.max(...vs.map(Math.abs))))
}

function text(c: Cell, unit?: string, digits?: number): string {
  const o = object(c)
  const v = plain(c)
  if (v === null || v === undefined) return o && (o.spark || o.bar != null || o.parts) ? '' : 'no data'
  if (typeof v === 'string') return v
  if (o?.currency) return money(v, o.currency, o.digits, false, true)
  const u = o?.unit ?? unit
  if (digits !== undefined && Math.abs(v) < 1e6) return fixed(v, digits) + (u === '%' ? thin + '%' : u === '×' ? u : u ? '\u00a0' + u : '')
  if (o?.unit === 'ms' && v >= 1000) return withUnit(v / 1000, 's')
  return u ? withUnit(v, u) : Math.abs(v) >= 1e6 ? compact(v) : figure(v)
}

function Content({ c, unit, first, digits }: { c: Cell; unit?: string; first: boolean; digits?: number }) {
  const o = object(c)
  const s = text(c, unit, digits)
  if (!o) return <>{s}</>
  const shown = o.link ? <a href={o.link}>{s}</a> : s
  if (isLevel(o.level)) return <span class="lead"><Badge level={o.level!} /> {shown}</span>
  if (o.verdict && o.bar == null && !o.spark && typeof o.value !== 'number') return first ? <span class={'mark t-' + o.verdict}><Shape of={o.verdict} />{shown}</span> : <Mark of={o.verdict} text={s === 'no data' ? '' : s} />
  if (o.spark) return <Spark values={o.spark} width={84} height={22} />
  if (o.parts) return s ? <span class="withparts"><b class="figure">{s}</b><WideParts of={o.parts} height={16} /></span> : <Parts of={o.parts} width={82} height={11} />
  if (o.bar != null) return <span class="withbar"><Bar share={o.bar} width={84} tone={o.verdict ? 'v-' + o.verdict : ''} />{s && <span>{s}</span>}</span>
  return <>{shown}{o.good ? <span class="sr"> {o.good > 0 ? 'better' : 'worse'}</span> : null}</>
}

const changes = /^[+\u2212-]\d/ // a change that is not judged

function cellClass(c: Cell): string {
  const o = object(c)
  if (!o) return plain(c) === null || (typeof c === 'string' && changes.test(c)) ? ' mute' : ''
  if (!o.good && typeof o.value === 'string' && changes.test(o.value)) return ' mute'
  if (o.good) return o.good > 0 ? ' better' : ' worse'
  if (o.verdict && o.bar == null && !o.spark && !o.parts && typeof o.value === 'number') return ' n-' + o.verdict
  return ''
}

const order = (a: Cell, b: Cell) => {
  const x = plain(a), y = plain(b)
  if (typeof x === 'number' && typeof y === 'number') return x - y
  return String(x ?? '').localeCompare(String(y ?? ''), 'en', { numeric: true })
}

export function TableBody({ t, name }: { t: TableData; name: string }) {
  const [sort, setSort] = useState<{ by: number; down: boolean } | null>(null)
  if (!t.rows.length) return <div class="nodata"><b>{t.mono ? 'Nothing logged' : 'No data'}</b><p>{t.noData || 'There is nothing in this range.'}</p></div>
  if (t.mono) return <Log t={t} name={name} />
  const small = minor(t)
  const sides = t.columns.map((_, i) => side(t, i))
  const total = t.total ? t.rows[t.rows.length - 1] : null
  let rows = total ? t.rows.slice(0, -1) : t.rows
  if (sort) rows = [...rows].sort((a, b) => order(a[sort.by], b[sort.by]) * (sort.down ? -1 : 1))
  const digits = t.columns.map((_, i) => places(t, i))
  const unit = t.columns.map((c, i) => (t.units?.[i] && !c.split(/[\s,]+/).includes(t.units[i]) ? t.units[i] : undefined))
  // Where rows are judged, the figure that is judged stands out.
  const judged = sides[1] === 'r' && t.columns.some((_, i) => i > 1 && t.rows.some(r => { const o = object(r[i]); return !!o?.verdict && typeof o.value === 'string' }))
  const bars = new Set(t.columns.map((_, i) => i).filter(i => t.rows.some(r => object(r[i])?.bar != null)))
  const bare = t.columns.every(c => !c)
  const marks = new Set(t.columns.map((_, i) => i).filter(i => i > 0 && t.rows.some(r => { const o = object(r[i]); return !!o?.verdict && typeof o.value === 'string' })))
  const klass = (i: number) => sides[i] + (marks.has(i) ? ' marks' : '') + (small.has(i) ? ' minor' : '')
  const row = (r: Cell[], k: number, sum = false) => (
    <tr key={k} class={sum ? 'total' : ''}>
      {r.map((c, i) => {
        const o = object(c)
        return i === 0
          ? <th scope="row" class={'l' + cellClass(c)} colSpan={bare && o?.parts ? r.length : 1}><Content c={c} unit={unit[i]} digits={digits[i]} first /></th>
          : bare && object(r[0])?.parts ? null : <td class={klass(i) + (bars.has(i) && o?.bar == null ? ' r' : '') + cellClass(c) + (judged && i === 1 ? ' main' : '') + (/^targets?$/i.test(t.columns[i]) ? ' mute' : '') + (o?.verdict === undefined && o?.spark ? ' sparkcell' : '')}><Content c={c} unit={unit[i]} digits={digits[i]} first={false} /></td>
      })}
    </tr>
  )
  return (
    <table class="data" aria-label={name}>
      {!bare && (
        <thead><tr>{t.columns.map((c, i) => !c ? <td class={klass(i)} /> : (
          <th scope="col" class={klass(i)} aria-sort={sort?.by === i ? (sort.down ? 'descending' : 'ascending') : undefined}>
            <button type="button" class="sort" onClick={() => setSort(sort?.by === i ? (sort.down ? { by: i, down: false } : null) : { by: i, down: true })}>
              {c}{sort?.by === i && <span aria-hidden="true"> {sort.down ? '↓' : '↑'}</span>}
            </button>
          </th>
        ))}</tr></thead>
      )}
      <tbody>{rows.map((r, k) => row(r, k))}{total && row(total, -1, true)}</tbody>
    </table>
  )
}

const loud: Record<string, string> = { ERROR: 'worse', CRITICAL: 'worse', WARN: 'warned', INFO: 'mute', DEBUG: 'mute' }

function Log({ t, name }: { t: TableData; name: string }) {
  const wanted = filter.value.trim().toLowerCase()
  const rows = wanted ? t.rows.filter(r => r.some(c => String(plain(c) ?? '').toLowerCase().includes(wanted))) : t.rows
  const last = t.columns.length - 1
  return (
    <>
      <input class="logfilter" type="search" placeholder="Filter the log" aria-label="Filter the log" value={filter.value}
        onInput={e => { filter.value = e.currentTarget.value }} hidden={!filter.value} />
      <table class="log" aria-label={name}>
        <colgroup>{t.columns.map((_, i) => <col class={i === 0 ? 'ctime' : i === 1 && last > 1 ? 'clevel' : i === last && i > 2 ? 'cid' : ''} />)}</colgroup>
        <thead class="sr"><tr>{t.columns.map(c => <th scope="col">{c}</th>)}</tr></thead>
        <tbody>{rows.map((r, k) => (
          <tr key={k}>{r.map((c, i) => {
            const s = text(c)
            const o = object(c)
            const shown = s === 'no data' ? '-' : s
            const k = loud[s] ? 'lvl ' + loud[s] : i === 0 ? 'time' : i === last && i > 2 ? 'id' : i >= 2 ? 'message' : ''
            return <td class={k} title={k === 'message' ? s : undefined}>{o?.link ? <a href={o.link}>{shown}</a> : shown}</td>
          })}</tr>
        ))}</tbody>
      </table>
    </>
  )
}
