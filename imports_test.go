package monitoring_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/distri-night/monitoring"

// TestEachPackageBringsOnlyWhatItNeeds holds the promise that whoever imports
// one package alone compiles neither the others nor their dependencies.
func TestEachPackageBringsOnlyWhatItNeeds(t *testing.T) {
	out, err := exec.Command("go", "list", "./...").Output()
	require.NoError(t, err)
	for _, pkg := range strings.Fields(string(out)) {
		name := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
		if whole(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command("go", "list", "-deps", pkg).Output()
			require.NoError(t, err)
			for _, dep := range strings.Fields(string(out)) {
				for library, owner := range map[string]string{
					"github.com/jackc/pgx/": "dbmon", "github.com/getsentry/sentry-go": "errortracking", "github.com/lmittmann/tint": "logging",
				} {
					owned := name == owner || strings.HasPrefix(name, owner+"/") ||
						owner == "dbmon" && (strings.HasSuffix(name, "/postgres") || name == "internal/pgtest" || name == "bizmetrics/internal/oracle") ||
						owner == "errortracking" && name == "internal/sentrytest"
					if strings.HasPrefix(dep, library) {
						assert.True(t, owned, "%s brings %s", name, dep)
					}
				}
				if instrument(dep) && instrument(pkg) && !strings.HasPrefix(name, strings.TrimPrefix(dep, module+"/")) {
					t.Errorf("%s brings %s: instruments and readers do not know each other", name, dep)
				}
			}
		})
	}
}

// whole are the packages that wire all others.
func whole(name string) bool {
	return name == "" || name == "monitoringtest" || name == "internal/panels" || strings.HasPrefix(name, "examples/")
}

func instrument(pkg string) bool {
	switch strings.TrimPrefix(pkg, module+"/") {
	case "errortracking", "logging", "perfmon", "dbmon", "bizmetrics", "alerting", "dashboard":
		return true
	}
	return false
}
