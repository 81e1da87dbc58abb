// The forms on the wire; wire.go is their other half.

export interface Link { text: string; href: string }
export interface Limit { label?: string; level?: string; value: number | null }
export interface Change { text: string; good: number }
export interface Marker { at: number; kind: string; label: string; link?: string; level?: string }
export interface Action { text: string; href?: string; post?: string; key?: string; undo?: string }

export interface NumberData {
  value: number | null; previous: number | null; target: number | null
  note?: string; level?: string; link?: string; spark?: (number | null)[]; bars?: boolean
  currency?: string; digits?: number; verdict?: string; noData?: string; text?: string; change?: Change
}
export interface LineData { name: string; values: (number | null)[]; previous?: boolean; forecast?: boolean }
export interface SeriesData {
  at: number[]; lines: LineData[]; markers: Marker[]; foot?: string; bars?: boolean; area?: boolean
  noData?: string; from: number | null; currency?: string; digits?: number
}
export interface CellData {
  value: string | number | null; link?: string; level?: string; verdict?: string; bar?: number | null
  parts?: (number | null)[]; spark?: (number | null)[]; good?: number; currency?: string; digits?: number; unit?: string
}
export type Cell = string | number | null | CellData
export interface TableData {
  columns: string[]; units?: string[]; rows: Cell[][]; foot?: string; noData?: string; verdict?: Change
  mono?: boolean; total?: boolean; minor?: number[]
}
export interface ItemData { id?: string; title: string; detail?: string; link?: string; level?: string; at?: number; actions?: Action[] }
export interface ListData { items: ItemData[]; noData?: string; count?: string }
export interface VerdictData {
  level: string; title: string; detail?: string; since?: number; value: number | null; unit?: string; limit?: string
  actions: Action[]; chart?: SeriesData; chartOf?: string; panels?: string[]; limits?: Limit[]
}
export interface SpanData { start: number; end?: number; level?: string; text?: string; link?: string }
export interface TimelineData { from: number; to: number; lanes: { name: string; spans: SpanData[] }[]; markers: Marker[] }
export interface HeroData {
  value: number | null; target: number | null; pace: number | null; currency?: string; digits?: number
  lead?: string; note?: string; leadGood?: number; change?: Change; curve: SeriesData; noData?: string
}

interface Frame {
  id: string; title: string; unit?: string; help?: string; width: number; group?: string; span?: number
  good?: number; window?: string; link?: Link; limits?: Limit[]; error?: string
}
export type Tile = Frame & (
  | { kind: 'number'; data: NumberData }
  | { kind: 'series'; data: SeriesData }
  | { kind: 'table'; data: TableData }
  | { kind: 'list'; data: ListData }
  | { kind: 'verdict'; data: VerdictData }
  | { kind: 'timeline'; data: TimelineData }
  | { kind: 'hero'; data: HeroData }
  | { kind: 'error' | 'loading'; data?: undefined })

export interface Tab { page: string; level?: string }
export interface State {
  page: string; at: number; from: number; to: number; range?: string; full: boolean; tabs: Tab[]; panels: Tile[]
}
export interface Boot {
  page: string; title: string; subtitle?: string; version?: string; zone: string; pages: string[]; usual: string
  viewer?: string; write: boolean; shape: { title: string; width: number; group?: string; span?: number }[]
}
