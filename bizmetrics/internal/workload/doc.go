// Package workload makes up business events for tests: the same seed gives the
// same events, from two hundred to a million. They come as a service's do:
// some twice, some with other content under a known ID, some before what they
// belong to, some days late, some without a time of their own, around clock
// changes, midnights and ends of months, in currencies with 0, 2 and 3
// decimals.
package workload
