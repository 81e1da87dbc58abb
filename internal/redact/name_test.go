package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPlainNameIsNeitherASecretsNorAllowed(t *testing.T) {
	r := New([]string{"email", "user.name"})
	for _, name := range []string{"order_id", "status", "", "a", "token_count"} {
		assert.True(t, r.PlainName(name), name)
	}
	for _, name := range []string{"password", "pin", "tokens", "dsn", "new_relic", "email", "E_Mail"} {
		assert.False(t, r.PlainName(name), name)
	}
	var none *Redactor
	assert.True(t, none.PlainName("email"))
}
