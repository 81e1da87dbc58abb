package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browser opens a tab of a Chromium of its own; failures of the page's scripts
// and of its content security policy are the test's.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		t.Skip("needs Chromium in CHROMIUM: run make test")
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				for _, arg := range e.Args {
					t.Errorf("the page logged an error: %s %s", arg.Value, arg.Description)
				}
			}
		}
	}))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// keep writes a screenshot where SCREENSHOTS says, for people to look at.
func keep(t *testing.T, name string, png []byte) {
	t.Helper()
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
	}
}

func TestBothPagesOpenOnDesktopAndPhone(t *testing.T) {
	m := start(t, 12, "-speed", "5")
	ctx := browser(t)
	time.Sleep(25 * time.Second) // two samples of real traffic
	for _, screen := range []struct {
		name          string
		width, height int64
		options       []chromedp.EmulateViewportOption
	}{
		{"desktop", 1440, 1000, nil},
		{"phone", 390, 844, []chromedp.EmulateViewportOption{chromedp.EmulateMobile, chromedp.EmulateTouch}},
	} {
		for _, page := range []string{"operations", "executive"} {
			t.Run(page+" on "+screen.name, func(t *testing.T) {
				require.NoError(t, chromedp.Do(ctx,
					chromedp.EmulateViewport(screen.width, screen.height, screen.options...),
					chromedp.Navigate(m.url+"/monitoring/"+page)))
				live, err := chromedp.Run(ctx, chromedp.Poll[string](`(() => {
					const panels = [...document.querySelectorAll('section.panel')];
					return panels.length > 5 && document.body.innerText.includes('Live') && panels[0].innerText.trim()
				})()`, chromedp.WithPollingTimeout(20*time.Second)))
				require.NoError(t, err)
				assert.NotEmpty(t, live, "the verdict says something")
				wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > innerWidth"))
				require.NoError(t, err)
				assert.False(t, wide, "the page scrolls sideways")
				png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				require.NoError(t, err)
				keep(t, page+"-"+screen.name, png)
			})
		}
	}
}
