import { axis, compare, head, range, setRange } from './store'
import { BarChart } from './barchart'
import { TimeChart } from './timechart'
import type { SeriesData, Tile } from './types'

/** The key of the lines that have no label at their end. */
export function Legend({ d }: { d: SeriesData }) {
  const lines = d.lines.filter(l => (!l.previous || compare.value) && l.values.some(v => v !== null))
  const main = lines.filter(l => !l.previous && !l.forecast)
  const rest = lines.filter(l => l.previous || l.forecast)
  if (!rest.length && (main.length <= 1 || !d.bars)) return null
  return (
    <span class="legend">
      {(main.length === 1 || d.bars ? main : []).map(l => <span><i class={'key ' + (d.bars ? 'box s1' : 's1')} />{l.name}</span>)}
      {rest.map(l => <span><i class={'key ' + (l.forecast ? 'forecast' : d.bars ? 'ink' : 'cmp')} />{l.name}</span>)}
    </span>
  )
}

export const hasData = (d: SeriesData) => d.at.length > 0 && d.lines.some(l => !l.previous && l.values.some(v => v !== null))

export function SeriesBody({ t }: { t: Tile & { kind: 'series' } }) {
  const d = t.data
  if (!hasData(d)) {
    return (
      <div class="nodata inchart"><b>No data in this range</b><p>{d.noData || 'Nothing was measured.'}</p>
        {range.value.from && <button type="button" class="btn" onClick={() => setRange('')}>Show the usual range</button>}
      </div>
    )
  }
  if (d.bars) return <BarChart d={d} name={t.title} unit={t.unit} limits={t.limits} good={t.good} />
  const inside = d.at[0] >= head.value.from - 900 && d.at[d.at.length - 1] <= head.value.to + 900
  return <TimeChart d={d} name={t.title} unit={t.unit} limits={t.limits} good={t.good}
    from={inside ? axis.value.from : undefined} to={inside ? axis.value.to : undefined} />
}
