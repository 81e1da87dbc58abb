package problem_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/internal/problem"
)

func TestAProblemHasItsTypeTitleAndStatus(t *testing.T) {
	w := httptest.NewRecorder()
	problem.Write(w, http.StatusForbidden, `not "yours"`)
	assert.Equal(t, http.StatusForbidden, w.Code)
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.JSONEq(t, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"not \"yours\""}`, w.Body.String())
}
