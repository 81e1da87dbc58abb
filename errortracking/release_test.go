package errortracking

import (
	"context"
	"errors"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheCommitIsThatOfTheBuild(t *testing.T) {
	info := func(settings ...debug.BuildSetting) *debug.BuildInfo { return &debug.BuildInfo{Settings: settings} }
	assert.Empty(t, commitIn(info()))
	assert.Equal(t, "abc", commitIn(info(debug.BuildSetting{Key: "vcs.revision", Value: "abc"}, debug.BuildSetting{Key: "vcs.modified", Value: "false"})))
	assert.Equal(t, "abc-dirty", commitIn(info(debug.BuildSetting{Key: "vcs.modified", Value: "true"}, debug.BuildSetting{Key: "vcs.revision", Value: "abc"})))
	assert.Empty(t, commitIn(info(debug.BuildSetting{Key: "vcs.modified", Value: "true"})))
}

func TestAnEventNamesTheCommitBesideTheRelease(t *testing.T) {
	e := sent(t, Config{Release: "v1.2"}, func(tr *Tracker) {
		tr.commit = "abc"
		tr.CaptureException(context.Background(), errors.New("x"), Tag("tenant", "acme"), Tag("password", "hunter2"))
	})
	assert.Equal(t, "v1.2", e.Text("release"))
	assert.Equal(t, "abc", e.Text("tags.commit"))
	assert.Equal(t, "acme", e.Text("tags.tenant"))
	assert.NotContains(t, e.Text("tags.password"), "hunter2")
	assert.Nil(t, e.At("contexts.attributes.tenant"))
}
