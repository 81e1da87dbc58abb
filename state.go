package monitoring

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// stateDir finds the folder below which each package keeps its own, and makes
// sure that it can be written. "": memory; the error says why, if that was not
// asked for.
func stateDir(configured, service string) (string, error) {
	if configured == Memory {
		return "", nil
	}
	dir := configured
	if dir == "" {
		dir = os.Getenv("MONITORING_STATE_DIR")
	}
	if dir == "" {
		base, err := userStateDir()
		if err != nil {
			return "", fmt.Errorf("find the user's state folder: %w", err)
		}
		dir = filepath.Join(base, "monitoring", folderName(service))
	}
	dir, err := filepath.Abs(dir) // the service may change its working folder
	if err != nil {
		return "", fmt.Errorf("find the state folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the state folder: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return "", fmt.Errorf("write to the state folder: %w", err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return "", fmt.Errorf("write to the state folder: %w", err)
	}
	return dir, nil
}

// userStateDir is $XDG_STATE_HOME, else its default, else what the system has
// for it.
func userStateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return os.UserConfigDir()
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state"), nil
}

// folderName keeps what is safe in a file name everywhere.
func folderName(service string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, service)
	return name[:min(len(name), 100)]
}
