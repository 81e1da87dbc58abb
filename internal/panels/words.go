package panels

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// figure writes a limit without more digits than it has.
func figure(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// span writes a duration in words: "5 min", "12 h".
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// brief writes a limit of time as it is spoken of: "100 ms", "1.5 s".
func brief(d time.Duration) string {
	if d < time.Second {
		return figure(float64(d)/float64(time.Millisecond)) + " ms"
	}
	return figure(d.Seconds()) + " s"
}

// size writes bytes in three figures: "118 MiB"; "" if they are not known.
func size(bytes float64) string {
	if math.IsNaN(bytes) {
		return ""
	}
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for bytes >= 1000 && i < len(units)-1 {
		bytes /= 1024
		i++
	}
	return strconv.FormatFloat(bytes, 'f', max(0, 2-int(math.Log10(max(bytes, 1)))), 64) + " " + units[i]
}

// sentence turns an indicator's name into words: "payment_success" to "payment success".
func sentence(name string) string { return strings.ReplaceAll(name, "_", " ") }

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// share is part of whole in percent, NaN of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return 100 * part / whole
}

// moment writes a time of today as a time, an earlier one as a day.
func (s Source) moment(t time.Time) string {
	if t.Before(s.midnight(s.Now())) {
		return t.In(s.Location).Format("2 Jan")
	}
	return t.In(s.Location).Format("15:04")
}

// unless is the reason why a panel is empty, if it is.
func unless(full bool, reason string) string {
	if full {
		return ""
	}
	return reason
}

func anyKnown(values []float64) bool {
	for _, v := range values {
		if !math.IsNaN(v) {
			return true
		}
	}
	return false
}

var signs = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}

// amount writes money in a sentence: €21.31, and without cents from 100 on: €1,182.
func amount(m bizmetrics.Money) string {
	number := m.Decimal()
	whole, cents, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	var b strings.Builder
	if strings.HasPrefix(number, "-") {
		b.WriteString("\u2212")
	}
	sign, known := signs[m.Currency]
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if cents != "" && len(whole) < 3 {
		b.WriteString("." + cents)
	}
	if !known {
		b.WriteString("\u202f" + m.Currency)
	}
	return b.String()
}
