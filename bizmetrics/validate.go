package bizmetrics

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/redact"
)

const (
	maxID      = 256  // bytes of an ID or a method
	maxComment = 4096 // bytes of a comment or a failure's reason
)

func checkCurrency(f *config.Faults, field, currency string) {
	if _, known := ledger.Exponent(currency); !known {
		f.Add(field, "a currency of ISO 4217, such as EUR", cut(currency, 16))
	}
}

func checkMoney(f *config.Faults, field string, m Money) {
	if m.Minor < 0 {
		f.Add(field+".Minor", "an amount that is not negative", m.Minor)
	}
	if _, known := ledger.Exponent(m.Currency); !known { // a name of the field that nobody needs costs an allocation
		checkCurrency(f, field+".Currency", m.Currency)
	}
}

// checkID takes what survives JSON and PostgreSQL unchanged: an ID that comes
// back different would count its event twice.
func checkID(f *config.Faults, field, id string, required bool) {
	switch {
	case id == "" && required:
		f.Add(field, "an ID", id)
	case len(id) > maxID:
		f.Add(field, "at most 256 bytes", len(id))
	case !utf8.ValidString(id) || strings.IndexByte(id, 0) >= 0:
		f.Add(field, "valid UTF-8 without NUL", nil)
	}
}

func checkAt(f *config.Faults, field string, at time.Time) {
	if !at.IsZero() && (at.Year() < 1970 || at.Year() > 9999) {
		f.Add(field, "a time from 1970 to 9999, or zero for now", at.Format(time.RFC3339))
	}
}

func (o Order) validate() error {
	var f config.Faults
	checkID(&f, "Order.ID", o.ID, true)
	checkID(&f, "Order.CustomerID", o.CustomerID, false)
	checkID(&f, "Order.SupplierID", o.SupplierID, false)
	if _, known := ledger.StatusKinds[ledger.OrderStatus(o.Status)]; !known && o.Status != "" {
		f.Add("Order.Status", "placed, confirmed, delivered or cancelled", cut(string(o.Status), 32))
	}
	if o.Status == "" || o.Status == Placed || o.Total != (Money{}) {
		checkMoney(&f, "Order.Total", o.Total)
	}
	checkID(&f, "Order.Tenant", o.Tenant, false)
	checkAt(&f, "Order.At", o.At)
	return f.Err()
}

func (r Refund) validate() error {
	var f config.Faults
	checkID(&f, "Refund.ID", r.ID, true)
	checkID(&f, "Refund.OrderID", r.OrderID, false)
	checkMoney(&f, "Refund.Amount", r.Amount)
	checkID(&f, "Refund.Tenant", r.Tenant, false)
	checkAt(&f, "Refund.At", r.At)
	return f.Err()
}

func (p Payment) validate() error {
	var f config.Faults
	checkID(&f, "Payment.ID", p.ID, true)
	checkID(&f, "Payment.OrderID", p.OrderID, false)
	checkID(&f, "Payment.Method", p.Method, false)
	checkMoney(&f, "Payment.Amount", p.Amount)
	if p.Succeeded && p.Declined {
		f.Add("Payment.Declined", "false for a payment that succeeded", true)
	}
	checkID(&f, "Payment.Tenant", p.Tenant, false)
	checkAt(&f, "Payment.At", p.At)
	return f.Err()
}

func (s SupplierResponse) validate() error {
	var f config.Faults
	checkID(&f, "SupplierResponse.ID", s.ID, true)
	checkID(&f, "SupplierResponse.SupplierID", s.SupplierID, true)
	checkID(&f, "SupplierResponse.OrderID", s.OrderID, false)
	if s.After < 0 {
		f.Add("SupplierResponse.After", "a duration that is not negative", s.After)
	}
	checkID(&f, "SupplierResponse.Tenant", s.Tenant, false)
	checkAt(&f, "SupplierResponse.At", s.At)
	return f.Err()
}

func (n NPS) validate() error {
	var f config.Faults
	checkID(&f, "NPS.ID", n.ID, true)
	checkID(&f, "NPS.UserID", n.UserID, false)
	if n.Score < 0 || n.Score > 10 {
		f.Add("NPS.Score", "a number from 0 to 10", n.Score)
	}
	checkID(&f, "NPS.Tenant", n.Tenant, false)
	checkAt(&f, "NPS.At", n.At)
	return f.Err()
}

// clean makes free text storable: secrets are masked, and it is cut rather
// than refused, because an answer counts even if its comment is odd.
func clean(s string) string {
	var r *redact.Redactor
	s = r.Text(s)
	if len(s) <= maxComment && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return cut(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""), maxComment)
}

// cut is s in at most n bytes, whole runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
