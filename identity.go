package monitoring

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// resolve fills in what the service left to be found, and hands what concerns
// several packages to each of them.
func (c Config) resolve() Config {
	c.Service = cmp.Or(c.Service, programName())
	c.Environment = cmp.Or(c.Environment, c.Errors.Environment, "production")
	c.Release = cmp.Or(c.Release, c.Errors.Release, buildRelease(), unknownRelease)
	c.Instance = cmp.Or(c.Instance, c.Alerts.Instance, instanceName())
	c.Errors.Environment = cmp.Or(c.Errors.Environment, c.Environment)
	c.Errors.Release = cmp.Or(c.Errors.Release, c.Release)
	c.Log.Service = cmp.Or(c.Log.Service, c.Service)
	c.Log.Environment = cmp.Or(c.Log.Environment, c.Environment)
	c.Log.Release = cmp.Or(c.Log.Release, c.Release)
	c.Alerts.Instance = cmp.Or(c.Alerts.Instance, c.Instance)
	if c.Log.TrustedCallers == nil {
		c.Log.TrustedCallers = c.TrustedProxies
	}
	if c.Errors.TrustedCallers == nil {
		c.Errors.TrustedCallers = c.TrustedProxies
	}
	if c.Perf.TrustedProxies == nil {
		c.Perf.TrustedProxies = c.TrustedProxies
	}
	if c.Dashboard.Location == nil {
		c.Dashboard.Location = c.Business.Location
	}
	c.Errors.Disabled = c.Errors.Disabled || c.Disabled
	c.Log.Disabled = c.Log.Disabled || c.Disabled
	c.Perf.Disabled = c.Perf.Disabled || c.Disabled
	c.DB.Disabled = c.DB.Disabled || c.Disabled
	c.Business.Disabled = c.Business.Disabled || c.Disabled
	c.Alerts.Disabled = c.Alerts.Disabled || c.Disabled
	if c.Disabled {
		c.StateDir, c.Metrics.Manual = Memory, true
	}
	return c
}

// unknownRelease is sent where nothing names the release: without one, Sentry's
// client would start a process to find it.
const unknownRelease = "unknown"

func programName() string {
	if len(os.Args) == 0 || os.Args[0] == "" {
		return "service"
	}
	return strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
}

func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// buildRelease is the version of the main module, else the commit it was built
// from; "" if the build information has neither.
func buildRelease() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
