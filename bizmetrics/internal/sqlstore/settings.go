package sqlstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/distri-night/monitoring/internal/config"
)

// readSetting is nil for what is not set.
func readSetting(r Reader, name string) (*string, error) {
	var value *string
	keys := Columns{{Type: Text, Texts: []string{name}}}
	err := r.Find(Settings, keys, func(_ int, v []Value) { value = new(v[0].Text) })
	return value, err
}

func writeSetting(tx Tx, name, value string) error {
	return tx.Put(Settings, Columns{{Type: Text, Texts: []string{name}}, {Type: Text, Texts: []string{value}}})
}

// settle writes the calendar into a new database, and refuses another one than
// that of an old one: its days and months are added up already.
func (s *Store) settle(ctx context.Context) error {
	err := s.engine.Write(ctx, func(tx Tx) error {
		var f config.Faults
		for _, setting := range []struct{ name, field, value string }{
			{"location", "Location", s.cal.Zone().String()},
			{"month_start", "MonthStart", strconv.Itoa(s.cal.FirstDay())},
		} {
			was, err := readSetting(tx, setting.name)
			switch {
			case err != nil:
				return err
			case was == nil:
				err = writeSetting(tx, setting.name, setting.value)
			case *was != setting.value:
				f.Add("Config."+setting.field, *was+", by which the events in this database have been added up", setting.value)
			}
			if err != nil {
				return err
			}
		}
		var err error
		if s.horizon, err = readHorizon(tx); err != nil {
			return err
		}
		currency, err := readSetting(tx, currencySetting)
		if err != nil {
			return err
		}
		if currency != nil {
			s.currency.Store(currency)
		}
		return f.Err()
	})
	if err != nil {
		return fmt.Errorf("open business events: %w", err)
	}
	return nil
}
