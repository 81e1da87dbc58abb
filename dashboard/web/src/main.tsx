import './style.css'
import { effect } from '@preact/signals'
import { render } from 'preact'
import { boot, connect, failed, readAddress, spoken, stale, startClock, tabs, tiles, tryNow, wall } from './store'
import { setZone } from './format'
import { Foot, Help, Toast } from './foot'
import { Header } from './header'
import { startKeys } from './keys'
import { slots } from './layout'
import { loading, Panel } from './panel'
import { repaint } from './timechart'
import { StaleLine } from './verdict'

function Page() {
  const shown = tiles.value.length ? tiles.value : loading
  return (
    <>
      <a class="skip" href="#main">To the panels</a>
      <Header />
      <main id="main" class={(stale.value ? 'stale' : '')}>
        <h1 class="sr">{boot.title}, {boot.page}</h1>
        {failed.value && <section class="panel verdict line unknown" role="alert"><b class="title">Could not read the page.</b><span class="detail">{failed.value}</span><span class="grow" /><button type="button" class="linklike" onClick={tryNow}>Try now</button></section>}
        {stale.value && <StaleLine />}
        <div class="grid">
          {slots(shown).map(s => s.tiles.length === 1 && !s.tiles[0].group
            ? <div class={`slot w${s.width} m${s.mid} is-${s.tiles[0].kind}`} key={s.tiles[0].id}><Panel t={s.tiles[0]} /></div>
            : <div class={`slot group w${s.width} m${s.mid} in${s.inner}`} key={s.tiles[0].id}>{s.tiles.map((t, i) => <Panel t={t} key={t.id} below={s.inner === 1 && i > 0} />)}</div>)}
        </div>
      </main>
      <Foot /><Help /><Toast />
      <div class="sr" aria-live="polite" id="said">{spoken.value}</div>
    </>
  )
}

function start() {
  setZone(boot.zone)
  readAddress()
  document.body.replaceChildren()
  render(<Page />, document.body)
  effect(() => { document.documentElement.classList.toggle('wall', wall.value) })
  effect(() => {
    const level = tabs.value.find(t => t.page === boot.page)?.level
    const name = boot.page[0].toUpperCase() + boot.page.slice(1)
    document.title = `${level && level !== 'P3' ? level + ' ' : ''}${name} · ${boot.title}`
  })
  let said = ''
  effect(() => { // the verdict, when it changes; never figures
    const v = tiles.value.find(t => t.kind === 'verdict')
    if (v?.kind !== 'verdict') return
    const key = v.data.level + v.data.panels?.join()
    if (key !== said) {
      said = key
      spoken.value = `${v.data.level}: ${v.data.title}`
      document.getElementById('said')?.setAttribute('aria-live', v.data.level === 'P0' ? 'assertive' : 'polite')
    }
  })
  const again = () => { repaint.value++ }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again)
  matchMedia('print').addEventListener('change', again)
  void document.fonts.ready.then(again)
  addEventListener('popstate', () => { readAddress(); connect() })
  startKeys()
  startClock()
  connect()
}

start()
