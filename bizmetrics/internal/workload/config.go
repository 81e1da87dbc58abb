package workload

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Config says what to make up.
type Config struct {
	Seed   uint64
	Events int       // how many arrive, duplicates among them
	From   time.Time // when the first may happen
	To     time.Time // until before when
	// Zone is where days begin: many events happen just around its midnights,
	// month ends and clock changes. nil: UTC.
	Zone      *time.Location
	Tenants   int // 0: 3
	Suppliers int // 0: 40
	Customers int // 0: one for each 20 events, at least 10
	// Roaming is the share of stories, 0 to 1, in which a customer deals with
	// another tenant than the usual one.
	Roaming float64
}

func (c Config) withDefaults() Config {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Tenants == 0 {
		c.Tenants = 3
	}
	if c.Suppliers == 0 {
		c.Suppliers = 40
	}
	if c.Customers == 0 {
		c.Customers = max(c.Events/20, 10)
	}
	return c
}

// Currency is what the reports of the events are in.
const Currency = "EUR"

// rates are what one minor unit is worth in cents, as fractions.
var rates = map[string][2]int64{"EUR": {1, 1}, "JPY": {3, 5}, "KWD": {31, 100}}

// Convert is a fixed rate of exchange into EUR: 1 yen is 0.6 cents, 1 dinar
// (1000 fils) 3.10 euros, fractions of a cent dropped.
func Convert(m bizmetrics.Money, to string, _ time.Time) (bizmetrics.Money, error) {
	r, known := rates[m.Currency]
	if !known || to != Currency {
		return bizmetrics.Money{}, bizmetrics.ErrCurrency
	}
	return bizmetrics.Money{Minor: m.Minor * r[0] / r[1], Currency: to}, nil
}
