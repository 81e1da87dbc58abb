package shop

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

func TestAPhoneNumberIsReadAsPeopleWriteIt(t *testing.T) {
	for _, s := range []string{"0612345678", "06 12 34 56 78", "06.12.34.56.78", "+33 6 12 34 56 78", " 06-12-34-56-78 "} {
		digits, wrong := ParsePhone(s)
		assert.Empty(t, wrong, s)
		assert.Equal(t, "0612345678", digits, s)
	}
}

func TestAWrongPhoneNumberIsExplained(t *testing.T) {
	for s, want := range map[string]string{
		"":                         "needs a number",
		"06 12 34":                 "This one has 6.",
		"061234567890":             "This one has 12.",
		"1612345678":               "begins with 0",
		"call me":                  "digits and blanks only",
		"+49 30 123456":            "French number",
		"000000000000000000000000": "more than 20",
	} {
		digits, wrong := ParsePhone(s)
		assert.Contains(t, wrong, want, s)
		assert.Empty(t, digits, s)
	}
}

func FuzzParsePhone(f *testing.F) {
	f.Add("06 12 34 56 78")
	f.Add("+33\u00a06")
	f.Fuzz(func(t *testing.T, s string) {
		digits, wrong := ParsePhone(s)
		if (digits == "") == (wrong == "") {
			t.Fatalf("%q: either digits or a reason, not %q and %q", s, digits, wrong)
		}
		if digits != "" && len(digits) != 10 {
			t.Fatalf("%q gives %q", s, digits)
		}
	})
}

func TestABasketAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOf(rapid.Custom(func(t *rapid.T) store.CartItem {
			return store.CartItem{
				SupplierID: rapid.Int64Range(1, 4).Draw(t, "supplier"),
				Quantity:   rapid.IntRange(1, MaxQuantity).Draw(t, "quantity"),
				PriceMinor: rapid.Int64Range(1, 100_000).Draw(t, "price"),
			}
		})).Draw(t, "items")
		c := sum(items)
		var goods int64
		for _, it := range items {
			goods += int64(it.Quantity) * it.PriceMinor
		}
		assert.Equal(t, goods+c.DeliveryMinor, c.TotalMinor)
		assert.Equal(t, len(items) == 0, c.DeliveryMinor == 0)
		assert.LessOrEqual(t, c.Suppliers, len(items))
	})
}

func TestACheckoutFormIsCheckedAsAWhole(t *testing.T) {
	_, err := Checkout{Phone: "1", Method: "cheque"}.check()
	var bad Invalid
	require.ErrorAs(t, err, &bad)
	for _, field := range []string{"phone", "method", "basket"} {
		assert.NotEmpty(t, bad[field], field)
	}
	phone, err := Checkout{Key: "0123456789abcdef", Phone: "06 12 34 56 78", Method: "card"}.check()
	require.NoError(t, err)
	assert.Equal(t, "0612345678", phone)
}

func TestFaultsTakeSharesAndWaitsOnly(t *testing.T) {
	form := map[string]string{"errors": "5", "slow_query": "1200", "fail_payments": "20", "decline_payments": "2.5", "slow_payments": "0"}
	f, bad := ParseFaults(func(k string) string { return form[k] })
	assert.Empty(t, bad)
	assert.Equal(t, Faults{Errors: 5, SlowQuery: 1200 * time.Millisecond, FailPayments: 20, DeclinePayments: 2.5}, f)
	for _, v := range []string{"", "-1", "101", "NaN", "Inf", "x"} {
		form["errors"] = v
		_, bad = ParseFaults(func(k string) string { return form[k] })
		assert.Len(t, bad, 1, v)
		assert.Contains(t, bad, "errors", v)
	}
}

func TestTheCacheForgetsInTimeAndIsBounded(t *testing.T) {
	c := newCache[int, string]("test", time.Minute)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c.put(1, "one", now)
	v, ok := c.get(1, now.Add(time.Minute))
	assert.True(t, ok)
	assert.Equal(t, "one", v)
	_, ok = c.get(1, now.Add(time.Minute+1))
	assert.False(t, ok)
	c.put(1, "one", now)
	c.drop(1)
	_, ok = c.get(1, now)
	assert.False(t, ok)
	for i := range 3 * maxEntries {
		c.put(i, "", now)
		assert.LessOrEqual(t, len(c.entries), maxEntries)
	}
}

func TestADayBeginsAtMidnightInParis(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	s := New(nil, nil, paris)
	assert.Equal(t, "2026-11-24T23:00:00Z", s.Today(time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)).UTC().Format(time.RFC3339))
	assert.Equal(t, "2026-10-24T22:00:00Z", s.Today(time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)).UTC().Format(time.RFC3339), "a day of 25 hours")
}
