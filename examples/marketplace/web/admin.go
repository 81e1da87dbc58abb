package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

type adminPage struct {
	Today     store.Figures
	Clients   int64
	Suppliers []store.SupplierFigures
	Customers []store.UserFigures
	Check     shop.Reconciliation
	Running   bool
	Shoppers  int
	Speed     float64
	Faults    []faultField
	Broken    bool // some fault is on that raises an alert
	Errors    shop.Invalid
}

// faultField is one switch of the form, with what was typed.
type faultField struct{ ID, Label, Unit, Note, Value, Error string }

func (s *server) admin(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showAdmin(w, r, v, http.StatusOK, nil)
}

func (s *server) showAdmin(w http.ResponseWriter, r *http.Request, v *visit, status int, bad shop.Invalid) error {
	ctx, now := r.Context(), time.Now()
	p := adminPage{Errors: bad, Faults: s.faultFields(r, bad)}
	if f := s.Shop.Faults(); f.Errors > 0 || f.SlowQuery > 0 || f.FailPayments > 1 {
		p.Broken = true
	}
	p.Running, p.Shoppers, p.Speed = s.Simulator.State()
	var err error
	if p.Today, err = s.Store.Figures(ctx, s.Shop.Today(now), now); err != nil {
		return err
	}
	if p.Clients, err = s.Store.CountUsers(ctx, store.Client); err != nil {
		return err
	}
	if p.Suppliers, err = s.Store.SupplierFigures(ctx, s.Shop.Today(now), now); err != nil {
		return err
	}
	if p.Customers, err = s.Store.LatestCustomers(ctx, 10); err != nil {
		return err
	}
	if p.Check, err = s.Shop.Reconcile(ctx, s.Recorder); err != nil {
		return err
	}
	s.render(w, r, v, status, "admin", "Admin", p)
	return nil
}

func (s *server) faultFields(r *http.Request, bad shop.Invalid) []faultField {
	f := s.Shop.Faults()
	fields := []faultField{
		{ID: "errors", Label: "Errors on product pages", Unit: "%", Value: percentText(f.Errors), Note: "raises error_rate"},
		{ID: "fail_payments", Label: "Failing payments", Unit: "%", Value: percentText(f.FailPayments), Note: "raises payment_success"},
		{ID: "slow_query", Label: "Slow product search", Unit: "ms", Value: millis(f.SlowQuery), Note: "raises p95_latency"},
		{ID: "decline_payments", Label: "Declined by the bank", Unit: "%", Value: percentText(f.DeclinePayments), Note: "raises nothing"},
		{ID: "slow_payments", Label: "Slow payments", Unit: "ms", Value: millis(f.SlowPayments), Note: "the shopper waits"},
	}
	for i := range fields {
		if len(bad) > 0 && r.PostForm.Has(fields[i].ID) {
			fields[i].Value = r.PostForm.Get(fields[i].ID)
		}
		fields[i].Error = bad[fields[i].ID]
	}
	return fields
}

func percentText(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func (s *server) setFaults(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, bad := shop.ParseFaults(r.PostFormValue)
	if len(bad) > 0 {
		return s.showAdmin(w, r, v, http.StatusUnprocessableEntity, bad)
	}
	s.Shop.SetFaults(f)
	http.Redirect(w, r, "/admin", http.StatusSeeOther)
	return nil
}

// setShoppers pauses and resumes: running is "1" or "0", speed 0.1 to 20.
func (s *server) setShoppers(w http.ResponseWriter, r *http.Request, v *visit) error {
	running, _, speed := s.Simulator.State()
	bad := shop.Invalid{}
	if t := r.PostFormValue("running"); t != "" {
		var err error
		if running, err = strconv.ParseBool(t); err != nil {
			bad["running"] = "Shoppers run (1) or pause (0)."
		}
	}
	if t := r.PostFormValue("speed"); t != "" {
		var err error
		if speed, err = strconv.ParseFloat(t, 64); err != nil || !(speed >= 0.1 && speed <= 20) {
			bad["speed"] = "A speed is a number from 0.1 to 20."
		}
	}
	if len(bad) > 0 {
		return s.showAdmin(w, r, v, http.StatusUnprocessableEntity, bad)
	}
	if err := s.Simulator.Set(r.Context(), running, speed); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin", http.StatusSeeOther)
	return nil
}

// reconcile puts revenue and counts by SQL beside those of bizmetrics, as JSON.
func (s *server) reconcile(w http.ResponseWriter, r *http.Request, _ *visit) error {
	check, err := s.Shop.Reconcile(r.Context(), s.Recorder)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(check)
}
