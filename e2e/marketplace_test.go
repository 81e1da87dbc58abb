package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

var binary string // of the marketplace, built once

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "e2e-*")
	if err == nil {
		binary = filepath.Join(dir, "marketplace")
		build := exec.Command("go", "build", "-o", binary, "./examples/marketplace")
		build.Dir = ".."
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		err = build.Run()
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the marketplace:", err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// marketplace is a running one, with a database of its own.
type marketplace struct {
	t        *testing.T
	url      string
	database string
	client   *http.Client // signed in as admin
	started  time.Duration
}

// start runs the marketplace with simulated shoppers until t ends.
func start(t *testing.T, shoppers int, args ...string) *marketplace {
	t.Helper()
	server := os.Getenv("DATABASE_URL")
	if server == "" {
		t.Skip("needs PostgreSQL: run make test, or scripts/postgres.sh run -- go test ./...")
	}
	m := &marketplace{t: t, database: freshDatabase(t, server)}
	begin := time.Now()
	cmd := exec.Command(binary, append([]string{"-addr", "127.0.0.1:0", "-database", m.database, "-shoppers", fmt.Sprint(shoppers)}, args...)...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	log, err := os.CreateTemp(t.TempDir(), "log-*")
	require.NoError(t, err)
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("the marketplace ended with %v", err)
			}
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			t.Error("the marketplace did not end within 20 s of SIGINT")
		}
		if t.Failed() {
			printed, _ := os.ReadFile(log.Name())
			t.Logf("its log ends with:\n%s", printed[max(0, len(printed)-4000):])
		}
		_ = log.Close()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if i := strings.Index(lines.Text(), "http://"); i >= 0 {
			u, err := url.Parse(strings.TrimSpace(lines.Text()[i:]))
			require.NoError(t, err)
			m.url = "http://" + u.Host
			break
		}
	}
	require.NotEmpty(t, m.url, "the marketplace printed no URL")
	go func() { _, _ = io.Copy(io.Discard, out) }()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	m.client = &http.Client{Jar: jar, Timeout: 10 * time.Second}
	m.started = time.Since(begin)
	return m
}

// freshDatabase makes an empty database that is dropped when t ends.
func freshDatabase(t *testing.T, server string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	require.NoError(t, err)
	name := fmt.Sprintf("e2e_%d", time.Now().UnixNano())
	_, err = conn.Exec(ctx, "create database "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := conn.Exec(ctx, "drop database "+name+" with (force)")
		if err != nil {
			t.Errorf("drop the database: %v", err)
		}
		_ = conn.Close(ctx)
	})
	u, err := url.Parse(server)
	require.NoError(t, err)
	u.Path = "/" + name
	return u.String()
}

// get answers with status and body.
func (m *marketplace) get(path string) (int, string) {
	m.t.Helper()
	res, err := m.client.Get(m.url + path)
	require.NoError(m.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(m.t, err)
	return res.StatusCode, string(body)
}

// post sends a form as a page of the shop would.
func (m *marketplace) post(path string, form url.Values) int {
	m.t.Helper()
	req, err := http.NewRequest(http.MethodPost, m.url+path, strings.NewReader(form.Encode()))
	require.NoError(m.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := m.client.Do(req)
	require.NoError(m.t, err)
	_ = res.Body.Close()
	return res.StatusCode
}

// signIn signs in as the first user of the role.
func (m *marketplace) signIn(role string) {
	m.t.Helper()
	var id int64
	m.sql("select min(id) from shop.users where role = $1", []any{role}, &id)
	require.Less(m.t, m.post("/sign-in", url.Values{"user_id": {fmt.Sprint(id)}}), 400)
}

// sql reads one row of the shop's own tables.
func (m *marketplace) sql(query string, args []any, into ...any) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, m.database)
	require.NoError(m.t, err)
	defer conn.Close(ctx)
	require.NoError(m.t, conn.QueryRow(ctx, query, args...).Scan(into...))
}

// json reads a path into v.
func (m *marketplace) json(path string, v any) {
	m.t.Helper()
	status, body := m.get(path)
	require.Equal(m.t, http.StatusOK, status, "%s: %s", path, body)
	require.NoError(m.t, json.Unmarshal([]byte(body), v), "%s: %s", path, body)
}
