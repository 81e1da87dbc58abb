package redact_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/internal/redact"
)

func TestHostileTextCostsNoMoreThanItsLength(t *testing.T) {
	for _, pattern := range []string{"://", "a.", "a@", "@a.", "%40", "=", ":", "k=", "a:", `\`, `"`, `":`, "4111 ", "4", "1-", "eyJ", "eyJ.", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY",
		"hooks.slack.com/services/", "sk-", "token:", "token: ", "token: a ", "token=,", `"token":`, `"token":[`, `"token":"`, "bot12345:", "Bearer ", "Basic a ", "<token", "<token>", "--token ", "é", "\xff", "{", "a b ", "token=[]", `"token":[],`, "a:b@", "12345:", "api key: "} {
		text := strings.Repeat(pattern, 300_000/len(pattern))
		start := time.Now()
		(*redact.Redactor)(nil).Text(text)
		assert.Less(t, time.Since(start), 3*time.Second, pattern)
	}
}
