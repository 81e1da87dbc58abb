package redact_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

// hostile are patterns that make a rule look far ahead or back, if anything
// does.
var hostile = []string{
	"://", "a.", "a@", "@a.", "%40", "=", ":", "k=", "a:", `\`, `"`, `":`, "4111 ", "4", "1-", "eyJ", "eyJ.", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY",
	"hooks.slack.com/services/", "sk-", "token:", "token: ", "token: a ", "token=,", `"token":`, `"token":[`, `"token":"`, "bot12345:", "Bearer ", "Basic a ",
	"<token", "<token>", "--token ", "é", "\xff", "{", "a b ", "token=[]", `"token":[],`, "a:b@", "12345:", "api key: ", "-", "_", ".", "/", "'", ",", `",`,
	`"a",`, ">", "<", "|", "~", "$", "%", "%3D", "a%3D", `\u0026`, `\\\u0026`, `\u00`, "a%", "@tcp(", "a:@b:1", "a/b@//", "-u a:b ", "Digest a=b,", "Digest a=",
	"password '", "password \"", "login a password b ", "a -us1", "1|", "123456789012345|", "AKIA", "00", "s.", "v1.0-", "ghp_", "ghp_a", "M", "ZXlK", "\n", "\t", " ", "  ",
	`name="token" value="`, `value=`, ` value="`, "\"'\\ value=", "a_", "a_b-", "identified by '", "://a:b@", "://@", "?code=", "&code=a", "number: ", "a number:", "cookie: ok ", "heroku:", "heroku=[", `"heroku":[`, "dsn=", `dsn="`, "dsn=[", "eyJaaaaaaaaaaaa-", "00-", "glpat-", "sk-", "_sk-", "xoxb-a",
	"MAAAAAAAAAAAAAAAAAAAAAAA.a", "MAAAAAAAAAAAAAAAAAAAAAAA.a-", "aaaaaaaaaaaaaa.atlasv1.", "aa1Q~", ".aa1Q~", "tokens:", "tokens=1", "heroku: a", `"`, `\"=`, `=\`, "Digest a='b",
}

// A rule that is quadratic needs many seconds for this.
func TestHostileTextCostsNoMoreThanItsLength(t *testing.T) {
	sizes := []int{64 << 10}
	if os.Getenv("SOAK") != "" {
		sizes = append(sizes, 1<<20)
	}
	for _, pattern := range hostile {
		for _, head := range []string{"", "x "} {
			for _, size := range sizes {
				text := head + strings.Repeat(pattern, size/len(pattern))
				start := time.Now()
				(*redact.Redactor)(nil).Text(text)
				if took := time.Since(start); took > 4*time.Second {
					t.Errorf("%q after %q: %v for %d bytes", pattern, head, took, size)
					break
				}
			}
		}
	}
}
