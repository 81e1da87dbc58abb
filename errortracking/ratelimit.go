package errortracking

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	defaultLimit = time.Minute    // a 429 that does not say for how long
	maxLimit     = 24 * time.Hour // a longer one is taken for a mistake

	allCategories category = ""
)

// limits is until when Sentry wants nothing of a category. The zero value has
// none; safe for concurrent use.
type limits struct {
	mu    sync.Mutex
	until map[category]time.Time
}

// note reads an answer, and reports whether it sets a limit. One that is
// shorter than what was said before changes nothing.
func (l *limits) note(status int, h http.Header, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, until := range parseLimits(status, h, now) {
		if l.until == nil {
			l.until = map[category]time.Time{}
		}
		if until.After(l.until[c]) {
			l.until[c] = until
		}
	}
}

// of is until when nothing of c is sent; zero if it may be now.
func (l *limits) of(c category, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.until[allCategories]
	if own := l.until[c]; own.After(until) {
		until = own
	}
	if !until.After(now) {
		return time.Time{}
	}
	return until
}

// parseLimits reads the limits that an answer sets, by category.
// X-Sentry-Rate-Limits goes before Retry-After, whatever the status.
func parseLimits(status int, h http.Header, now time.Time) map[category]time.Time {
	if lists := h.Values("X-Sentry-Rate-Limits"); len(lists) > 0 && strings.Join(lists, "") != "" {
		return parseQuotas(strings.Join(lists, ","), now)
	}
	if status != http.StatusTooManyRequests {
		return nil
	}
	return map[category]time.Time{allCategories: now.Add(retryAfter(h.Get("Retry-After"), now))}
}

// parseQuotas reads "60:error;default:organization, 2700::key": seconds,
// categories (none: all), and what does not matter here. Of several limits on a
// category the longest holds; unknown categories are none of ours.
func parseQuotas(list string, now time.Time) map[category]time.Time {
	limits := map[category]time.Time{}
	for quota := range strings.SplitSeq(list, ",") {
		parts := strings.SplitN(strings.TrimSpace(quota), ":", 3)
		seconds, err := strconv.ParseFloat(strings.TrimSpace(parts[0]), 64)
		if err != nil || !(seconds > 0) {
			continue
		}
		until := now.Add(seconds2duration(seconds))
		names := ""
		if len(parts) > 1 {
			names = parts[1]
		}
		for name := range strings.SplitSeq(names, ";") {
			c := category(strings.ToLower(strings.TrimSpace(name)))
			if c == allCategories && strings.TrimSpace(names) != "" {
				continue // "error;" is not all
			}
			if knownCategory(c) && until.After(limits[c]) {
				limits[c] = until
			}
		}
	}
	return limits
}

func knownCategory(c category) bool {
	switch c {
	case allCategories, categoryError, categoryDefault, categoryTransaction, categorySpan, categoryReplay:
		return true
	}
	return false
}

// retryAfter reads seconds or a date.
func retryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && seconds >= 0 {
		return seconds2duration(seconds)
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), maxLimit)
	}
	return defaultLimit
}

func seconds2duration(s float64) time.Duration {
	if s > maxLimit.Seconds() {
		return maxLimit
	}
	return time.Duration(s * float64(time.Second))
}

// backoff is how long to wait after the n-th failure in a row, n from 1 on:
// doubled up to a minute. jitter, from 0 to 1, spreads it over its upper half,
// so that many processes do not come back at once.
func backoff(n int, jitter float64) time.Duration {
	const first, longest = time.Second, time.Minute
	d := longest
	if n < 7 {
		d = min(first<<(n-1), longest)
	}
	return d/2 + time.Duration(jitter*float64(d/2))
}
