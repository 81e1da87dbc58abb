package dashboard

import (
	"errors"
	"net/http"

	"github.com/distri-night/monitoring/internal/access"
	"github.com/distri-night/monitoring/internal/problem"
)

// refuse answers what the guard said.
func refuse(w http.ResponseWriter, err error) {
	var denied *access.Denied
	if errors.As(err, &denied) {
		problem.Write(w, denied.Status, denied.Reason)
		return
	}
	problem.Write(w, http.StatusForbidden, "not allowed")
}
