package dashboard

import (
	"fmt"
	"math"
	"time"
)

type jsonNumber struct {
	Value    num     `json:"value"`
	Previous num     `json:"previous"`
	Target   num     `json:"target"`
	Note     string  `json:"note,omitempty"`
	Level    string  `json:"level,omitempty"`
	Link     string  `json:"link,omitempty"`
	Spark    nums    `json:"spark,omitempty"`
	Bars     bool    `json:"bars,omitempty"`
	Currency string  `json:"currency,omitempty"`
	Digits   int     `json:"digits,omitempty"`
	Verdict  string  `json:"verdict,omitempty"`
	NoData   string  `json:"noData,omitempty"`
	Text     string  `json:"text,omitempty"`
	Change   *change `json:"change,omitempty"`
}

func wireNumber(n Number) jsonNumber {
	return jsonNumber{
		Value: num(n.Value), Previous: set(n.Previous), Target: set(n.Target), Note: n.Note, Level: n.Level,
		Link: safeHref(n.Link), Spark: n.Spark, Bars: n.SparkBars, Currency: n.Currency, Digits: exponent(n.Currency),
		Verdict: n.Verdict, NoData: n.NoData, Text: n.Text, Change: wireChange(n.Change),
	}
}

// exponent is how many digits the minor unit has (ISO 4217).
func exponent(currency string) int {
	switch currency {
	case "":
		return 0
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	default:
		return 2
	}
}

type jsonSeries struct {
	At      []int64    `json:"at"`
	Lines   []jsonLine `json:"lines"`
	Markers []marker   `json:"markers"`
	Foot    string     `json:"foot,omitempty"`
	Bars    bool       `json:"bars,omitempty"`
	Area    bool       `json:"area,omitempty"`
	NoData  string     `json:"noData,omitempty"`
	From    num        `json:"from"`

	Currency string `json:"currency,omitempty"`
	Digits   int    `json:"digits,omitempty"`
}

type jsonLine struct {
	Name     string `json:"name"`
	Values   nums   `json:"values"`
	Previous bool   `json:"previous,omitempty"`
	Forecast bool   `json:"forecast,omitempty"`
}

// wireSeries makes every line as long as the axis: what is missing is a gap.
func wireSeries(s Series) jsonSeries {
	out := jsonSeries{
		At: make([]int64, 0, len(s.At)), Lines: make([]jsonLine, 0, len(s.Lines)), Markers: wireMarkers(s.Markers),
		Foot: s.Foot, Bars: s.Bars, Area: s.Area, NoData: s.NoData, From: num(s.From), Currency: s.Currency, Digits: exponent(s.Currency),
	}
	for _, t := range s.At {
		out.At = append(out.At, t.Unix())
	}
	for _, l := range s.Lines {
		values := make(nums, len(s.At))
		for i := copy(values, l.Values); i < len(values); i++ {
			values[i] = math.NaN()
		}
		out.Lines = append(out.Lines, jsonLine{l.Name, values, l.Previous, l.Forecast})
	}
	return out
}

type jsonTable struct {
	Columns []string `json:"columns"`
	Units   []string `json:"units,omitempty"`
	Rows    [][]any  `json:"rows"`
	Foot    string   `json:"foot,omitempty"`
	NoData  string   `json:"noData,omitempty"`
	Verdict *change  `json:"verdict,omitempty"`
	Mono    bool     `json:"mono,omitempty"`
	Total   bool     `json:"total,omitempty"`
	Minor   []int    `json:"minor,omitempty"`
}

// wireTable fills short rows and drops what is beyond the columns.
func wireTable(t Table, zone *time.Location) jsonTable {
	out := jsonTable{
		Columns: t.Columns, Units: t.Units, Rows: make([][]any, 0, len(t.Rows)), Foot: t.Foot, NoData: t.NoData,
		Verdict: wireChange(t.Verdict), Mono: t.Mono, Total: t.Total, Minor: t.Minor,
	}
	if out.Columns == nil {
		out.Columns = []string{}
	}
	for _, row := range t.Rows {
		cells := make([]any, len(t.Columns))
		for i := range min(len(cells), len(row)) {
			cells[i] = wireCell(row[i], zone)
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

type jsonCell struct {
	Value    any    `json:"value"`
	Link     string `json:"link,omitempty"`
	Level    string `json:"level,omitempty"`
	Verdict  string `json:"verdict,omitempty"`
	Bar      *num   `json:"bar,omitempty"`
	Parts    nums   `json:"parts,omitempty"`
	Spark    nums   `json:"spark,omitempty"`
	Good     int8   `json:"good,omitempty"`
	Currency string `json:"currency,omitempty"`
	Digits   int    `json:"digits,omitempty"`
	Unit     string `json:"unit,omitempty"`
}

// wireCell is a string, a number, null or an object.
func wireCell(v any, zone *time.Location) any {
	switch x := v.(type) {
	case nil:
		return nil
	case string:
		return x
	case float64:
		return num(x)
	case float32:
		return num(x)
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return x
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case time.Time:
		if x.IsZero() {
			return nil
		}
		return x.In(zone).Format(time.TimeOnly)
	case *Cell:
		if x == nil {
			return nil
		}
		return wireCell(*x, zone)
	case Cell:
		inner := x.Value
		switch inner.(type) {
		case Cell, *Cell:
			inner = fmt.Sprint(plain(inner)) // cells do not nest
		}
		out := jsonCell{
			Value: wireCell(inner, zone), Link: safeHref(x.Link), Level: x.Level, Verdict: x.Verdict, Parts: x.Parts,
			Spark: x.Spark, Good: x.Good, Currency: x.Currency, Digits: exponent(x.Currency), Unit: x.Unit,
		}
		if x.Bar != nil {
			bar := num(*x.Bar)
			out.Bar = &bar
		}
		return out
	default:
		return fmt.Sprint(x)
	}
}

type jsonList struct {
	Items  []jsonItem `json:"items"`
	NoData string     `json:"noData,omitempty"`
	Count  string     `json:"count,omitempty"`
}

type jsonItem struct {
	ID      string   `json:"id,omitempty"`
	Title   string   `json:"title"`
	Detail  string   `json:"detail,omitempty"`
	Link    string   `json:"link,omitempty"`
	Level   string   `json:"level,omitempty"`
	At      int64    `json:"at,omitempty"`
	Actions []action `json:"actions,omitempty"`
}

func wireList(l List) jsonList {
	out := jsonList{Items: make([]jsonItem, 0, len(l.Items)), NoData: l.NoData, Count: l.Count}
	for _, i := range l.Items {
		out.Items = append(out.Items, jsonItem{i.ID, i.Title, i.Detail, safeHref(i.Link), i.Level, seconds(i.At), wireActions(i.Actions)})
	}
	return out
}

type jsonVerdict struct {
	Level    string      `json:"level"`
	Title    string      `json:"title"`
	Detail   string      `json:"detail,omitempty"`
	Since    int64       `json:"since,omitempty"`
	Value    num         `json:"value"`
	Unit     string      `json:"unit,omitempty"`
	Limit    string      `json:"limit,omitempty"`
	Actions  []action    `json:"actions"`
	Chart    *jsonSeries `json:"chart,omitempty"`
	ChartOf  string      `json:"chartOf,omitempty"`
	PanelIDs []string    `json:"panels,omitempty"`
	Limits   []limit     `json:"limits,omitempty"`
}

func wireVerdict(v Verdict) jsonVerdict {
	out := jsonVerdict{
		Level: v.Level, Title: v.Title, Detail: v.Detail, Since: seconds(v.Since), Value: num(v.Value), Unit: v.Unit,
		Limit: v.Limit, Actions: wireActions(v.Actions), ChartOf: v.ChartOf, PanelIDs: v.PanelIDs,
	}
	if v.Value == 0 && v.Unit == "" {
		out.Value = num(math.NaN())
	}
	if v.Chart != nil {
		chart := wireSeries(*v.Chart)
		out.Chart = &chart
	}
	for _, t := range v.Limits {
		out.Limits = append(out.Limits, wireLimit(t))
	}
	return out
}

type jsonTimeline struct {
	From    int64      `json:"from"`
	To      int64      `json:"to"`
	Lanes   []jsonLane `json:"lanes"`
	Markers []marker   `json:"markers"`
}

type jsonLane struct {
	Name  string     `json:"name"`
	Spans []jsonSpan `json:"spans"`
}

type jsonSpan struct {
	Start int64  `json:"start"`
	End   int64  `json:"end,omitempty"`
	Level string `json:"level,omitempty"`
	Text  string `json:"text,omitempty"`
	Link  string `json:"link,omitempty"`
}

func wireTimeline(t Timeline) jsonTimeline {
	out := jsonTimeline{From: seconds(t.From), To: seconds(t.To), Lanes: make([]jsonLane, 0, len(t.Lanes)), Markers: wireMarkers(t.Markers)}
	for _, l := range t.Lanes {
		lane := jsonLane{Name: l.Name, Spans: make([]jsonSpan, 0, len(l.Spans))}
		for _, s := range l.Spans {
			lane.Spans = append(lane.Spans, jsonSpan{seconds(s.Start), seconds(s.End), s.Level, s.Text, safeHref(s.Link)})
		}
		out.Lanes = append(out.Lanes, lane)
	}
	return out
}

type jsonHero struct {
	Value    num        `json:"value"`
	Target   num        `json:"target"`
	Pace     num        `json:"pace"`
	Currency string     `json:"currency,omitempty"`
	Digits   int        `json:"digits,omitempty"`
	Lead     string     `json:"lead,omitempty"`
	Note     string     `json:"note,omitempty"`
	LeadGood int8       `json:"leadGood,omitempty"`
	Change   *change    `json:"change,omitempty"`
	Curve    jsonSeries `json:"curve"`
	NoData   string     `json:"noData,omitempty"`
}

func wireHero(h Hero) jsonHero {
	return jsonHero{
		Value: num(h.Value), Target: set(h.Target), Pace: set(h.Pace), Currency: h.Currency, Digits: exponent(h.Currency),
		Lead: h.Lead, Note: h.Note, LeadGood: h.LeadGood, Change: wireChange(h.Change), Curve: wireSeries(h.Curve), NoData: h.NoData,
	}
}
