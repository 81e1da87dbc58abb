package bizmetrics

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

// UserAction is what a user did.
type UserAction string

// The actions of a user. Each is an event of its own: one ID may be recorded
// once with each.
const (
	SignedUp UserAction = "signed_up"
	Active   UserAction = "active"  // was there: orders, answers and features used say so by themselves
	Invited  UserAction = "invited" // invited somebody
)

var userKinds = map[UserAction]ledger.Kind{SignedUp: ledger.KindSignedUp, Active: ledger.KindActive, Invited: ledger.KindInvited}

// UserEvent says what a user did. ID and Action together count once.
type UserEvent struct {
	ID, UserID string
	Action     UserAction
	ReferredBy string // of SignedUp: the user whose invitation it was; "": none
	Tenant     string
	At         time.Time // zero: now
}

// FeatureUse says that a user used a feature.
type FeatureUse struct {
	ID, UserID, Feature, Tenant string
	At                          time.Time // zero: now
}

// RecordUser records what a user did; see [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordUser(_ context.Context, u UserEvent) error { return take(r, u, u.At) }

// RecordFeature records that a feature was used; see [Recorder.RecordOrder]
// for errors.
func (r *Recorder) RecordFeature(_ context.Context, f FeatureUse) error { return take(r, f, f.At) }

func (u UserEvent) record() ledger.Record {
	return ledger.Record{Kind: userKinds[u.Action], ID: u.ID, Customer: u.UserID, Text: u.ReferredBy, Tenant: u.Tenant}
}

func (f FeatureUse) record() ledger.Record {
	return ledger.Record{Kind: ledger.KindFeature, ID: f.ID, Customer: f.UserID, Method: f.Feature, Tenant: f.Tenant}
}

func (u UserEvent) validate() error {
	var f config.Faults
	checkID(&f, "UserEvent.ID", u.ID, true)
	checkID(&f, "UserEvent.UserID", u.UserID, true)
	checkID(&f, "UserEvent.ReferredBy", u.ReferredBy, false)
	checkID(&f, "UserEvent.Tenant", u.Tenant, false)
	if userKinds[u.Action] == 0 {
		f.Add("UserEvent.Action", "signed_up, active or invited", cut(string(u.Action), 32))
	}
	if u.ReferredBy != "" && u.Action != SignedUp {
		f.Add("UserEvent.ReferredBy", "nothing but with signed_up", cut(u.ReferredBy, 64))
	}
	checkAt(&f, "UserEvent.At", u.At)
	return f.Err()
}

func (f FeatureUse) validate() error {
	var faults config.Faults
	checkID(&faults, "FeatureUse.ID", f.ID, true)
	checkID(&faults, "FeatureUse.UserID", f.UserID, false)
	checkID(&faults, "FeatureUse.Feature", f.Feature, true)
	checkID(&faults, "FeatureUse.Tenant", f.Tenant, false)
	checkAt(&faults, "FeatureUse.At", f.At)
	return faults.Err()
}
