package shop

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// SignUp makes a customer; invitedBy is the customer whose link it was, or 0.
// It returns [Invalid] for a name that is none.
func (s *Shop) SignUp(ctx context.Context, name string, invitedBy int64) (store.Signup, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 2 || n > 60 {
		return store.Signup{}, Invalid{"name": "A name has 2 to 60 characters."}
	}
	signup, err := s.store.SignUp(ctx, name, invitedBy, store.Now())
	if err != nil {
		return signup, err
	}
	told(ctx, "sign-up", ledger().signup(ctx, signup))
	return signup, nil
}

// Invite notes that a customer invites a friend.
func (s *Shop) Invite(ctx context.Context, userID int64) error {
	i, err := s.store.Invite(ctx, userID, store.Now())
	if err != nil {
		return err
	}
	told(ctx, "invitation", ledger().invitation(ctx, i))
	return nil
}

// Visited counts a customer as active today.
func (s *Shop) Visited(ctx context.Context, userID int64) {
	told(ctx, "visit", ledger().visit(ctx, userID, time.Now().In(s.zone)))
}

// Used counts that a customer has used a feature; nobody's use (0) counts as a
// use without a user.
func (s *Shop) Used(ctx context.Context, userID int64, feature string) {
	told(ctx, "feature", ledger().feature(ctx, userID, feature))
}
