package store

import (
	"context"
	"fmt"
	"time"
)

// Signup is a new customer. InvitedBy is 0 if nobody did.
type Signup struct {
	UserID    int64
	InvitedBy int64
	At        time.Time
}

// Invitation is a customer's link for a friend.
type Invitation struct {
	ID     int64
	UserID int64
	At     time.Time
}

// Advertising is what was spent on a channel.
type Advertising struct {
	ID          int64
	Channel     string
	AmountMinor int64
	At          time.Time
}

// SignUp makes a customer. An inviter who is no customer counts as none.
func (s *Store) SignUp(ctx context.Context, name string, invitedBy int64, at time.Time) (Signup, error) {
	n, err := queryOne[Signup](ctx, s.pool, `with new as (select nextval(pg_get_serial_sequence('shop.users', 'id')) id)
			insert into shop.users (id, name, email, role, invited_by, created_at)
			select new.id, $1, 'client.' || new.id || '@example.com', 'client', (select id from shop.users where id = $2 and role = 'client'), $3 from new
			returning id, coalesce(invited_by, 0), created_at`, name, invitedBy, at)
	if err != nil {
		return n, fmt.Errorf("sign up a customer: %w", err)
	}
	return n, nil
}

// Invite notes that a customer asked for a link for a friend.
func (s *Store) Invite(ctx context.Context, userID int64, at time.Time) (Invitation, error) {
	i, err := queryOne[Invitation](ctx, s.pool, "insert into shop.invitations (user_id, at) values ($1, $2) returning id, user_id, at", userID, at)
	if err != nil {
		return i, fmt.Errorf("note an invitation: %w", err)
	}
	return i, nil
}
