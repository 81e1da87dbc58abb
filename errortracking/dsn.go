package errortracking

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/getsentry/sentry-go"
)

// parseDSN is [sentry.NewDsn], and refuses besides what no request could be
// made with: such a DSN would fail at each event only.
func parseDSN(s string) (*sentry.Dsn, error) {
	dsn, err := sentry.NewDsn(s)
	if err != nil {
		return nil, fmt.Errorf("parse a DSN: %w", err)
	}
	u := dsn.GetAPIURL()
	switch port := dsn.GetPort(); {
	case !wordy(dsn.GetPublicKey()):
		return nil, errors.New("parse a DSN: the key has other characters than letters, digits, _ and -")
	case !wordy(dsn.GetProjectID()):
		return nil, errors.New("parse a DSN: the project has other characters than letters, digits, _ and -")
	case port < 1 || port > 65535:
		return nil, errors.New("parse a DSN: there is no such port")
	case strings.Contains(dsn.GetPath()+"/", "/../"):
		return nil, errors.New("parse a DSN: the path goes up")
	case strings.ContainsAny(dsn.GetHost()+dsn.GetPath(), " \"<>\\^`{|}%?#") || !printable(dsn.GetHost()+dsn.GetPath()):
		return nil, errors.New("parse a DSN: host or path has characters that a URL has not")
	}
	if again, err := url.Parse(u.String()); err != nil || again.Host != u.Host || again.Path != u.Path {
		return nil, errors.New("parse a DSN: it makes no URL")
	}
	if _, err := http.NewRequest(http.MethodPost, u.String(), nil); err != nil {
		return nil, fmt.Errorf("parse a DSN: %w", err)
	}
	return dsn, nil
}

func wordy(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
}
