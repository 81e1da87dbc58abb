package logging

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// colours are the sequences that a console line may have.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestConsoleColoursAreClosedAndErrorsRed(t *testing.T) {
	l, out := open(t, Config{Format: "console"})
	l.core.encoder = newConsole(true)
	l.Error("failed\nbadly", Err(errors.New("boom\x1b[32m")), "plain", "a b", "evil\x1b[31m", "\x1b[0m")
	l.Critical("stop")
	l.InfoContext(request(context.Background()), "fine", "n", 1)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, 3, "a message of two lines is one line")
	assert.Contains(t, lines[0], "\x1b[91m\"boom\\u001b[32m\"\x1b[0m", "the error's text is red, and nothing after it")
	for _, line := range lines {
		all := colours.FindAllString(line, -1)
		require.NotEmpty(t, all)
		assert.Equal(t, "\x1b[0m", all[len(all)-1], "no colour runs on")
		open := false
		for _, c := range all {
			reset := c == "\x1b[0m"
			assert.False(t, reset && !open, "%q", line)
			open = !reset
		}
		assert.NotContains(t, colours.ReplaceAllString(line, ""), "\x1b")
	}
}

func TestNoColorLeavesTheConsolePlain(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	var out bytes.Buffer
	l, err := New(Config{Format: "console", Output: &out, Disabled: true})
	require.NoError(t, err)
	l.Error("x", Err(errors.New("y")))
	assert.NotContains(t, out.String(), "\x1b")
	assert.False(t, coloured(&tty{}), "a terminal too")
	t.Setenv("NO_COLOR", "")
	assert.Equal(t, terminal(&tty{}), coloured(&tty{}))
}

// tty says that it is the standard output.
type tty struct{ bytes.Buffer }

func (*tty) Fd() uintptr { return 1 }
