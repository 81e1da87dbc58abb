package store

import (
	"context"
	"fmt"
)

// Role is what a user may do.
type Role string

// The roles of the shop.
const (
	Client   Role = "client"
	Supplier Role = "supplier"
	Admin    Role = "admin"
)

// User is somebody who can sign in. SupplierID is 0 but for suppliers.
type User struct {
	ID         int64
	Name       string
	Email      string
	Role       Role
	SupplierID int64
	Phone      string
	Address    string
}

const userColumns = `u.id, u.name, u.email, u.role, coalesce(u.supplier_id, 0), u.phone, u.address`

// User returns one user, or ErrNotFound.
func (s *Store) User(ctx context.Context, id int64) (User, error) {
	return queryOne[User](ctx, s.pool, "select "+userColumns+" from shop.users u where u.id = $1", id)
}

// Users returns up to limit users of a role, the oldest first.
func (s *Store) Users(ctx context.Context, role Role, limit int) ([]User, error) {
	users, err := queryAll[User](ctx, s.pool, "select "+userColumns+" from shop.users u where u.role = $1 order by u.id limit $2", role, limit)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return users, nil
}

// CountUsers returns how many users have a role.
func (s *Store) CountUsers(ctx context.Context, role Role) (int64, error) {
	n, err := queryValue[int64](ctx, s.pool, "select count(*) from shop.users where role = $1", role)
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// StartSession makes token a sign-in of the user.
func (s *Store) StartSession(ctx context.Context, token string, userID int64) error {
	_, err := s.pool.Exec(ctx, "insert into shop.sessions (token, user_id) values ($1, $2)", token, userID)
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return nil
}

// EndSession forgets token.
func (s *Store) EndSession(ctx context.Context, token string) error {
	_, err := s.pool.Exec(ctx, "delete from shop.sessions where token = $1", token)
	return err
}

// SessionUser returns who signed in as token, or ErrNotFound.
func (s *Store) SessionUser(ctx context.Context, token string) (User, error) {
	return queryOne[User](ctx, s.pool, "select "+userColumns+" from shop.sessions s join shop.users u on u.id = s.user_id where s.token = $1", token)
}
