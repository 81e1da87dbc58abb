package perfmon

import (
	"runtime"
	"runtime/debug"
)

// Build is what a process was built from, as the Go tool noted it.
type Build struct {
	GoVersion string // "go1.26.0"
	Version   string // of the main module; "": not known, as of a build in a work tree
	Revision  string // of the version control; "": not known
	Modified  bool   // the work tree had changes that were not committed
}

// ReadBuild reads the build information of this process.
func ReadBuild() Build {
	b := Build{GoVersion: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}
