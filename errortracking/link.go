package errortracking

import (
	"net/url"
	"strings"

	"github.com/getsentry/sentry-go"
)

// eventIDMark stands for the ID in a template of links.
const eventIDMark = "{event_id}"

// eventTemplate finds, from the DSN alone, the address at which Sentry shows an
// event: the search for its ID, which leads on to it. The DSN does not name the
// organization; /orgredirect/ puts the viewer's own in its place. Self-hosted
// Sentry has the one organization "sentry" unless it was renamed.
func eventTemplate(dsn *sentry.Dsn) string {
	if dsn == nil {
		return ""
	}
	query := "/issues/?project=" + url.QueryEscape(dsn.GetProjectID()) + "&query=" + eventIDMark
	host := dsn.GetHost()
	if host == "sentry.io" || strings.HasSuffix(host, ".sentry.io") {
		return "https://sentry.io/orgredirect/organizations/:orgslug" + query
	}
	u := dsn.GetAPIURL()
	base, _, _ := strings.Cut(u.Path, "/api/")
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: base}).String() + "/organizations/sentry" + query
}

// EventLink is where Sentry shows the event; "" if there is no Sentry, or if
// the ID is none.
func (t *Tracker) EventLink(eventID string) string {
	if t == nil || t.eventURL == "" || len(eventID) != 32 {
		return ""
	}
	return strings.ReplaceAll(t.eventURL, eventIDMark, eventID)
}
