package bizmetrics

import (
	"context"
	"fmt"
	"math"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// HealthReport is the state of the business in one verdict, with the figures
// it was judged by.
//
// It is critical if payments fail, as the default rule of payment_success
// judges it but over today: less than 99 % succeed of those that the
// customers' banks did not decline, at least 20 of them, at least 5 failed, and
// the 99 % Wilson bound of the failed share is beyond 1 %, so that chance does
// not explain it. It is degraded if revenue of today, this week or this month is
// less than half of the same part of the span before, which had at least 20
// orders; if NPS is below 0 by at least 20 answers; if events were dropped since
// the start, so that figures are short; if events cannot be stored at present;
// or if they wait in the journal for a store that is away. Else it is healthy.
type HealthReport struct {
	Verdict string   // "healthy", "degraded" or "critical"
	Reasons []string // for a verdict that is not healthy
	Revenue
	Transactions
	NPS float64 // of this month; NaN: no answer
}

// Verdicts of a [HealthReport].
const (
	healthy  = "healthy"
	degraded = "degraded"
	critical = "critical"
)

const (
	minEvidence  = 20   // payments, orders or answers
	minFailed    = 5    // payments
	wantedShare  = 99.0 // % of payments
	collapsed    = -50  // % change of revenue
	wilsonZ      = 2.58 // 99 %, two-sided
	wilsonZ2     = wilsonZ * wilsonZ
	percentShare = 100
)

// HealthReport judges the business as of now. Of a view for one tenant it is
// that tenant's business; events dropped and a store that fails are of all.
func (r *Recorder) HealthReport(ctx context.Context) (HealthReport, error) {
	report := HealthReport{NPS: math.NaN()}
	if r == nil {
		return report, ErrNotInitialized
	}
	var err error
	if report.Revenue, err = r.Revenue(ctx); err != nil {
		return report, err
	}
	var before [3]int64 // orders that the revenue before was made of
	for i, s := range r.spans(r.now()) {
		row, err := r.figure(ctx, "orders", s.before, s.sameTime)
		if err != nil {
			return report, err
		}
		before[i] = row.Count
	}
	if report.Transactions, err = r.Transactions(ctx); err != nil {
		return report, err
	}
	nps, err := r.NPS(ctx)
	if err != nil {
		return report, err
	}
	report.NPS = nps.Score
	report.judge(nps, before, r.drops.n.Load(), r.failing.Load() != 0)
	if r.behind.Load() {
		report.behind()
	}
	return report, nil
}

func (h *HealthReport) judge(nps NPSReport, before [3]int64, dropped int64, failing bool) {
	h.Verdict = healthy
	say := func(verdict, format string, args ...any) {
		if h.Verdict != critical {
			h.Verdict = verdict
		}
		h.Reasons = append(h.Reasons, fmt.Sprintf(format, args...))
	}
	failed := h.Failed - h.Declined
	if judged := h.Succeeded + failed; paymentsFail(failed, judged) {
		say(critical, "%.1f %% of payments succeeded today, wanted are %g %%", ledger.Share(h.Succeeded, judged), wantedShare)
	}
	for i, s := range []struct {
		name string
		Span
	}{{"today", h.Today}, {"this week", h.Week}, {"this month", h.Month}} {
		if before[i] >= minEvidence && s.Change < collapsed {
			say(degraded, "revenue of %s is %v, %.0f %% less than by this time before", s.name, s.Value, -s.Change)
		}
	}
	if n := nps.Promoters + nps.Passives + nps.Detractors; n >= minEvidence && nps.Score < 0 {
		say(degraded, "NPS of this month is %.0f", nps.Score)
	}
	if dropped > 0 {
		say(degraded, "%d events were dropped: figures are short of them", dropped)
	}
	if failing {
		say(degraded, "events cannot be stored at present: a crash would lose the latest")
	}
}

// behind says that the store has not all events.
func (h *HealthReport) behind() {
	if h.Verdict == healthy {
		h.Verdict = degraded
	}
	h.Reasons = append(h.Reasons, "the store cannot be reached: events wait in the journal, and figures are short of them")
}

// paymentsFail reports whether the failed share is beyond what is accepted and
// beyond chance. Formula: E. B. Wilson, JASA 22 (1927) 209, lower bound.
func paymentsFail(failed, of int64) bool {
	if of < minEvidence || failed < minFailed || ledger.Share(of-failed, of) >= wantedShare {
		return false
	}
	n := float64(of)
	p := float64(failed) / n
	low := (p + wilsonZ2/(2*n) - wilsonZ*math.Sqrt(p*(1-p)/n+wilsonZ2/(4*n*n))) / (1 + wilsonZ2/n)
	return percentShare*low > percentShare-wantedShare
}
