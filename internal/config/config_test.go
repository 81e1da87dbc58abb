package config_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
)

func TestFaultsJoinEveryWrongFieldUnderItsPath(t *testing.T) {
	var inner config.Faults
	inner.Share("SampleRate", new(1.5))
	inner.Share("Fine", new(1.0))
	inner.Share("Unset", nil)
	inner.Add("DSN", "a Sentry DSN", nil)
	inner.Finite("Threshold", math.NaN())

	var outer config.Faults
	outer.Under("Errors", inner.Err())
	outer.Under("Log", nil)
	outer.Under("Store", errors.New("unreachable"))
	err := outer.Err()

	require.ErrorIs(t, err, config.ErrInvalid)
	var field *config.FieldError
	require.ErrorAs(t, err, &field)
	assert.Equal(t, "Errors.SampleRate", field.Field)
	assert.Equal(t, "Errors.SampleRate: want a number from 0 to 1, got 1.5\n"+
		"Errors.DSN: want a Sentry DSN\n"+
		"Errors.Threshold: want a finite number, got NaN\n"+
		"Store: unreachable", err.Error())
}

func TestNoFaultIsNoError(t *testing.T) {
	var f config.Faults
	f.Share("A", new(0.0))
	assert.NoError(t, f.Err())
}
