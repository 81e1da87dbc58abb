// Package e2e holds the tests of the running marketplace and its dashboards,
// over HTTP and in a browser, and of events that survive what kills a process.
// They need DATABASE_URL, Chromium, and Spotlight in the folder sentry, all of
// which make test provides.
package e2e
