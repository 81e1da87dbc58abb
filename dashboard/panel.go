package dashboard

import (
	"context"
	"net/http"
	"time"
)

// Page is one of the four dashboards.
type Page string

// The pages, in the order of the tabs.
const (
	Executive  Page = "executive"
	Operations Page = "operations"
	Product    Page = "product"
	Finance    Page = "finance"
)

// Viewer is who looks: the pages it may see, and whether it may write.
type Viewer struct {
	Name  string
	Pages []Page
	Write bool
}

// Direction says which way is better.
type Direction int8

// The directions; the zero Direction judges no change.
const (
	UpIsGood   Direction = 1
	DownIsGood Direction = -1
)

// Panel is one tile of a page. Its data is asked for once for all viewers.
type Panel struct {
	ID, Title, Unit, Help string
	Page                  Page
	Width                 int // columns of 12; 0: by kind
	Good                  Direction
	Thresholds            []Threshold
	// Data returns a Number, Series, Table, List, Verdict, Timeline or Hero.
	// An error shows on the panel; it never breaks the page.
	Data func(ctx context.Context, from, to time.Time) (any, error)

	Window string // the subtitle: "5 min window", "requests/s", "busiest 7, 5 min"
	Link   *Link  // at the foot, right
	// Consecutive panels of one Group and Page share one column of the page,
	// Span columns wide (0: Width). In it stand as many side by side as Width
	// goes into Span, the rest below. "": no group.
	Group string
	Span  int
}

// Threshold is a limit drawn in charts and told in words.
type Threshold struct {
	Label, Level string // Level: "P0" to "P3", "" for a target
	Value        float64
}

// Marker is a moment: Kind "deploy" or "alert".
type Marker struct {
	At                time.Time
	Kind, Label, Link string
	Level             string // of an alert
}

// Link leads to the evidence.
type Link struct{ Text, Href string }

// Action is a button. Post: the path below the prefix to which it posts;
// else Href is followed. A viewer without Write does not get those that post.
type Action struct {
	Text, Href, Post string
	Key              string // one letter, such as "a" for acknowledge
	Undo             string // the path that takes it back within 8 s
}

// Number is one figure. NaN is none; so is a Previous or Target of 0.
type Number struct {
	Value, Previous, Target float64
	Note, Level, Link       string
	Spark                   []float64
	Currency                string  // Value is in minor units of it
	Verdict                 string  // "good", "ni", "poor"; "": none shown
	NoData                  string  // the reason why there is no Value; shown in its place, if set
	Text                    string  // in place of Value
	SparkBars               bool    // the spark as bars: counts a bucket
	Change                  *Change // in place of Previous
}

// Change is a difference told in words or with a sign.
type Change struct {
	Text string // "19.2 worse", "+8.1 % vs last Wed"
	Good int8   // 1 better, -1 worse, 0 inside noise or not judged
}

// Series is one or more lines over time.
type Series struct {
	At      []time.Time
	Lines   []Line
	Markers []Marker
	Foot    string  // left of the link
	Bars    bool    // bars, not lines: counts a bucket
	Area    bool    // the first line is filled
	NoData  string  // shown if no line has a value
	From    float64 // where the axis starts, for shares near 100; 0: zero

	Currency string // the values are in minor units of it
}

// Line is one line of a Series. NaN is a gap.
type Line struct {
	Name     string
	Values   []float64
	Previous bool // the past: thin and grey
	Forecast bool // dashed
}

// Table has rows of cells: text, numbers, time.Time, or a Cell.
type Table struct {
	Columns []string
	Rows    [][]any
	Units   []string // of the columns; ""
	Foot    string
	NoData  string  // shown if there is no row
	Verdict *Change // right of the title: "Score 86"
	Mono    bool    // rows are log lines
	Total   bool    // the last row is the total
	Minor   []int   // columns left out on a phone; nil: by their content
}

// Cell is a table cell with more than a value. Unused fields are left empty.
type Cell struct {
	Value    any       // text or number
	Link     string    // of the cell
	Level    string    // "P0".."P3" shows a badge
	Verdict  string    // "good", "ni", "poor", "none": mark and the text in Value
	Bar      *float64  // 0..1: an inline bar
	Parts    []float64 // good, ni, poor shares: a stacked bar
	Spark    []float64
	Good     int8   // colours the text: 1 better, -1 worse
	Currency string // Value is in minor units
	Unit     string
}

// List is what happened or holds, newest or worst first.
type List struct {
	Items  []Item
	NoData string // shown if there is no item
	Count  string // beside the title
}

// Item is one entry of a List. Level: "P0" to "P3" a badge; "error", "warn", "expected" a mark.
type Item struct {
	Title, Detail, Link, Level string
	At                         time.Time
	Actions                    []Action
	ID                         string
}

// Verdict opens a page: one sentence, what is wrong, since when, at what
// cost, who knows.
type Verdict struct {
	Level    string // "P0" to "P3"; "healthy", "unknown"
	Title    string // "Payment success 80.4 %, must be at least 99 %"
	Detail   string
	Since    time.Time
	Value    float64 // the figure in 54/58; NaN: none
	Unit     string
	Limit    string // "payment success, must be at least 99 %"
	Actions  []Action
	Chart    *Series // the alert's own indicator
	ChartOf  string  // its title
	PanelIDs []string
	Limits   []Threshold // of the chart
}

// Timeline is lanes of spans over the page's range.
type Timeline struct {
	From, To time.Time
	Lanes    []Lane
	Markers  []Marker
}

// Lane is one row of a Timeline.
type Lane struct {
	Name  string
	Spans []Span
}

// Span is one stretch of a Lane; a zero End has not ended.
type Span struct {
	Start, End  time.Time
	Level, Text string
	Link        string
}

// Hero is the one large figure of a page: bullet against a target, and a curve.
type Hero struct {
	Value, Target, Pace float64 // Pace: usual by now; NaN: none
	Currency            string  // the three are in minor units
	Lead, Note          string  // "1,182 behind pace", its explanation
	LeadGood            int8
	Change              *Change
	Curve               Series
	NoData              string // shown in place of all, if set
}

// Route is data beside a page, guarded as the page is. Page "": any viewer.
// Pattern is a ServeMux pattern below the prefix, such as "GET /api/alerts".
type Route struct {
	Pattern string
	Page    Page
	Write   bool
	Handler http.Handler
}

// Config sets up a Dashboard. The zero Config works and has no pages.
type Config struct {
	Authorize      func(*http.Request) (Viewer, error) // nil: direct loopback only
	Panels         []Panel
	Routes         []Route
	FrameAncestors []string       // who may embed the pages; nil: none
	Location       *time.Location // nil: UTC
	Title          string         // "": "Monitoring"
	Subtitle       string         // "shop · production · eu-west"
	Version        string         // of the service, for the foot
	Now            func() time.Time
	Prefix         string                                    // where the pages are mounted; "": "/monitoring"
	Disabled       bool                                      // nothing is computed or served: every path answers 404
	Changed        func(f func(now time.Time)) (stop func()) // calls f when there is something new: Registry.OnSample; nil: a ticker of 10 s
}
