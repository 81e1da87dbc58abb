import { boot } from './store'
import { figure, money, thin } from './format'
import { Delta, isLevel } from './marks'
import { WideSpark } from './spark'
import type { Change, Tile } from './types'

type NumberTile = Tile & { kind: 'number' }

/** What changed against the period before, as the panel says it or by its own figures. */
export function changeOf(t: NumberTile): Change | null {
  const d = t.data
  if (d.change) return d.change
  if (d.value === null || d.previous === null) return null
  const diff = d.value - d.previous
  const size = d.currency ? money(Math.abs(diff), d.currency, d.digits) : figure(Math.abs(diff), t.unit)
  if (Math.abs(diff) < 0.01 * Math.abs(d.previous) || Number(size) === 0) return { text: 'same', good: 0 }
  if (!t.good) return { text: (diff > 0 ? '+' : '\u2212') + size, good: 0 }
  const good = Math.sign(diff) === Math.sign(t.good) ? 1 : -1
  return { text: `${size} ${good > 0 ? 'better' : 'worse'}`, good }
}

export function NumberBody({ t }: { t: NumberTile }) {
  const d = t.data
  if (d.noData || (d.value === null && !d.text)) {
    return <div class="nodata"><b>No data</b><p>{d.noData || 'There is no reading yet.'}</p></div>
  }
  const change = changeOf(t)
  // One limit is drawn and told: the first that a reading would meet.
  const limit = t.limits?.length ? [...t.limits].sort((a, b) => (b.level ?? '').localeCompare(a.level ?? ''))[0] : undefined
  const told = /^(P[0-3] (?:above|below) )(.+)$/.exec(d.note ?? '')
  const parts = []
  if (limit && limit.value !== null && !d.note) {
    parts.push(<span>{limit.level ? `${limit.level} ${t.good === 1 ? 'below' : 'above'} ` : 'target '}<b class="lim">{d.currency ? money(limit.value, d.currency, d.digits) : figure(limit.value, t.unit)}</b></span>)
  }
  const note = told ? null : d.note && <span>{d.note}</span>
  if (told) parts.push(<span>{told[1]}<b class="lim">{told[2]}</b></span>)
  if (change && change.good >= 0 && change.text !== 'same') parts.push(<Delta change={change} />)
  if (note) parts.push(note)
  if (change && (change.good < 0 || change.text === 'same')) parts.push(<Delta change={change} />)
  const bad = isLevel(d.level) ? 'v-' + (d.level === 'P2' || d.level === 'P3' ? 'ni' : 'poor') : d.verdict === 'poor' || d.verdict === 'ni' ? 'v-' + d.verdict : ''
  const main = d.text || (d.currency ? money(d.value!, d.currency, d.digits) : figure(d.value!, t.unit))
  return (
    <>
      <p class="figure">
        {d.link ? <a href={d.link}>{main}</a> : main}
        {t.unit && !d.currency && !d.text && <span class="unit">{t.unit === '%' ? thin : ' '}{t.unit}</span>}
      </p>
      {d.spark && d.spark.length > 0 ? <WideSpark values={d.spark} bars={d.bars} limits={limit ? [limit] : []} tone={bad} share={t.unit === '%'} /> : <div class="widespark empty" />}
      <p class="note">{parts.map((p, i) => <>{i > 0 && <span class="dot"> · </span>}{p}</>)}{!parts.length && boot.subtitle ? '\u00a0' : ''}</p>
    </>
  )
}

