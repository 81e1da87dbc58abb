package monitoring_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	return string(text)
}

// The quickstart is built and run by its own test; here it is held to be what
// the README shows.
func TestTheReadmesFirstGoBlockIsTheQuickstart(t *testing.T) {
	_, after, found := strings.Cut(readme(t), "```go\n")
	require.True(t, found)
	block, _, _ := strings.Cut(after, "```")
	program, err := os.ReadFile("examples/quickstart/main.go")
	require.NoError(t, err)
	assert.Equal(t, string(program), block)
}

func TestTheReadmeNamesEveryVariable(t *testing.T) {
	program, err := os.ReadFile("env.go")
	require.NoError(t, err)
	text := readme(t)
	for _, name := range regexp.MustCompile(`"([A-Z]+_[A-Z_]+)"`).FindAllStringSubmatch(string(program), -1) {
		assert.Contains(t, text, "`"+name[1]+"`")
	}
}

func TestTheReadmesPicturesAreThere(t *testing.T) {
	for _, picture := range regexp.MustCompile(`\]\((docs/[^)]+)\)`).FindAllStringSubmatch(readme(t), -1) {
		assert.FileExists(t, picture[1])
	}
}
