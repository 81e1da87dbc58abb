package oracle

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/bizmetrics"
)

// CheckReports compares each report of r, whose settings must be those of v,
// with what SQL says.
func (o *Oracle) CheckReports(t testing.TB, r *bizmetrics.Recorder, v View) {
	t.Helper()
	ctx, l := context.Background(), o.look(t, v)
	if v.Tenant != "" {
		r = r.ForTenant(v.Tenant)
	}
	label := fmt.Sprintf("%v, month from %d, tenant %q", v.Now.In(v.Zone).Format("2006-01-02 15:04 MST"), max(v.MonthStart, 1), v.Tenant)
	compare(t, label+": revenue", l.revenueReport, func() (any, error) { return r.Revenue(ctx) })
	compare(t, label+": transactions", l.transactionsReport, func() (any, error) { return r.Transactions(ctx) })
	compare(t, label+": order value", l.orderValueReport, func() (any, error) { return r.OrderValue(ctx) })
	compare(t, label+": suppliers", l.suppliersReport, func() (any, error) { return r.Suppliers(ctx) })
	compare(t, label+": NPS", l.npsReport, func() (any, error) { return r.NPS(ctx) })
	compare(t, label+": product", l.productReport, func() (any, error) { return r.Product(ctx) })
	compare(t, label+": finance", l.financeReport, func() (any, error) { return r.Finance(ctx) })

	health, err := r.HealthReport(ctx)
	assert.NoError(t, err)
	revenue, nps := l.revenueReport(), l.npsReport()
	verdict, reasons := l.verdict(nps, revenue)
	assert.Equal(t, verdict, health.Verdict, "%s: health, %v", label, health.Reasons)
	assert.Len(t, health.Reasons, reasons, "%s: health", label)
	equal(t, label+": health's revenue", revenue, health.Revenue)
	equal(t, label+": health's payments", l.transactionsReport(), health.Transactions)
	equal(t, label+": health's NPS", nps.Score, health.NPS)
}

func compare[T any](t testing.TB, label string, want func() T, got func() (any, error)) {
	t.Helper()
	have, err := got()
	if assert.NoError(t, err, label) {
		equal(t, label, want(), have)
	}
}

// equal compares exported fields one by one: money and counts exactly, floats
// to twelve digits, NaN with NaN.
func equal(t testing.TB, label string, want, got any) {
	t.Helper()
	for _, d := range differences("", reflect.ValueOf(want), reflect.ValueOf(got)) {
		t.Errorf("%s%s", label, d)
	}
}

func differences(path string, want, got reflect.Value) []string {
	var all []string
	if d, ok := want.Interface().(time.Duration); ok { // a mean: half nanoseconds may go either way
		if diff := d - got.Interface().(time.Duration); diff < -1 || diff > 1 {
			all = append(all, fmt.Sprintf("%s: want %v, got %v", path, want, got))
		}
		return all
	}
	switch want.Kind() {
	case reflect.Struct:
		if at, ok := want.Interface().(time.Time); ok {
			if !at.Equal(got.Interface().(time.Time)) {
				all = append(all, fmt.Sprintf("%s: want %v, got %v", path, want, got))
			}
			return all
		}
		for i := range want.NumField() {
			if f := want.Type().Field(i); f.IsExported() {
				all = append(all, differences(path+"."+f.Name, want.Field(i), got.Field(i))...)
			}
		}
	case reflect.Slice:
		if want.Len() != got.Len() {
			return []string{fmt.Sprintf("%s: want %d, got %d of them: %+v, %+v", path, want.Len(), got.Len(), want, got)}
		}
		for i := range want.Len() {
			all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), want.Index(i), got.Index(i))...)
		}
	case reflect.Float64:
		if a, b := want.Float(), got.Float(); !near(a, b) {
			all = append(all, fmt.Sprintf("%s: want %v, got %v", path, a, b))
		}
	default:
		if !reflect.DeepEqual(want.Interface(), got.Interface()) {
			all = append(all, fmt.Sprintf("%s: want %v, got %v", path, want, got))
		}
	}
	return all
}

func near(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b), 1)
}
