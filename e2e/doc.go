// Package e2e holds the tests of the running marketplace and its dashboards,
// over HTTP and in a browser. They need DATABASE_URL and Chromium, both of
// which make test provides.
package e2e
