// Package dashboard serves the four live pages, their JSON and their streams.
package dashboard
