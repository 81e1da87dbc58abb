package errortracking

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	defaultLimit = time.Minute    // a 429 that does not say for how long
	maxLimit     = 24 * time.Hour // a longer one is taken for a mistake
)

// limitedUntil reads from an answer until when no events of errors may be
// sent; zero if they may. X-Sentry-Rate-Limits goes before Retry-After.
func limitedUntil(status int, h http.Header, now time.Time) time.Time {
	if limits := h.Get("X-Sentry-Rate-Limits"); limits != "" {
		return sentryLimits(limits, now)
	}
	if status != http.StatusTooManyRequests {
		return time.Time{}
	}
	return now.Add(retryAfter(h.Get("Retry-After"), now))
}

// sentryLimits takes the longest limit of the list that is on errors, or on
// all: "60:error;default:organization, 2700::key".
func sentryLimits(list string, now time.Time) (until time.Time) {
	for quota := range strings.SplitSeq(list, ",") {
		parts := strings.Split(strings.TrimSpace(quota), ":")
		seconds, err := strconv.ParseFloat(parts[0], 64)
		if err != nil || !(seconds > 0) {
			continue
		}
		ofErrors := len(parts) < 2 || strings.TrimSpace(parts[1]) == "" ||
			slices.ContainsFunc(strings.Split(parts[1], ";"), func(c string) bool { return strings.TrimSpace(c) == "error" })
		if end := now.Add(seconds2duration(seconds)); ofErrors && end.After(until) {
			until = end
		}
	}
	return until
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
// doubled up to a minute. jitter, from 0 to 1, spreads it over its upper half.
func backoff(n int, jitter float64) time.Duration {
	const first, longest = time.Second, time.Minute
	d := longest
	if n < 7 {
		d = min(first<<(n-1), longest)
	}
	return d/2 + time.Duration(jitter*float64(d/2))
}
