package redact

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNamesOfSecretsAreKnownInAnySpelling(t *testing.T) {
	for _, name := range []string{
		"password", "Password", "PASSWORD", "passwd", "pwd", "db_password", "dbPassword", "DB-PASSWORD", "password2", "user.password",
		"passwordHash", "password_confirmation", "new password", "smtp_pass", "passphrase", "secret", "client_secret", "clientSecret",
		"webhook-secret", "token", "access_token", "accessToken", "accesstoken", "refresh-token", "csrf-token", "XSRF-TOKEN", "id_token",
		"Authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "X-Api-Key", "api_key", "apiKey", "apikey", "APIKey", "API KEY",
		"AWS_SECRET_ACCESS_KEY", "private_key", "privateKey", "signing_key", "session", "session_id", "sessionId", "sessionid", "PHPSESSID",
		"card", "card_number", "cardNumber", "creditCard", "credit_card_number", "cvv", "CVV2", "card_cvc", "pin", "otp", "ssn", "iban",
		"credential", "auth", "jwt", "bearer", "signature", "verification_code", "account_number",
	} {
		kind := std.kindOf(name)
		assert.Contains(t, []keyKind{secretKey, numberKey}, kind, name)
		assert.Equal(t, kind, std.kindOf(name), "%s, from the memo", name)
	}
}

func TestNamesThatOnlyResembleASecretsArePlain(t *testing.T) {
	for _, name := range []string{
		"", "a", "id", "user_id", "author", "authority", "authored_by", "passenger", "bypass", "compass", "secretary", "tokenizer", "token_count",
		"tokenType", "token_expires_at", "password_changed_at", "password_policy", "cookie_count", "cardinality", "scorecard", "discard",
		"dashboard", "card_brand", "card_last4", "session_count", "session_duration", "key", "primary_key", "cache_key", "public_key", "keyboard",
		"monkey", "sort_key", "idempotency_key", "route", "status", "status_code", "code", "error", "pinned", "spin", "option", "order_id",
		"correlation_id", "trace_id", "passwordless", "span_id", "pan_zoom", "company", "panel", "sidebar", "designature", "http.route",
		"order_number", "secret_version", "api_version", "access_log",
	} {
		assert.Equal(t, plainKey, std.kindOf(name), name)
	}
}

func TestNamesOfManySecretsLetTheirNumberPass(t *testing.T) {
	for _, name := range []string{"tokens", "max_tokens", "promptTokens", "sessions", "cookies", "cards"} {
		assert.Equal(t, pluralKey, std.kindOf(name), name)
	}
	var r *Redactor
	assert.Equal(t, 5, r.Value("tokens", 5))
	assert.Equal(t, Mask, r.Plain("tokens", []string{"a", "b"}))
}

func TestHeadersOfSecretsAreMaskedInAnyCase(t *testing.T) {
	shown := (*Redactor)(nil).Header(http.Header{
		"authorization": {"Bearer x"}, "Proxy-Authorization": {"Basic x"}, "COOKIE": {"a=b"}, "Set-Cookie": {"a=b", "c=d"}, "X-Api-Key": {"x"},
		"X-Csrf-Token": {"x"}, "Accept": {"text/html", "text/plain"}, "Referer": {"https://h.example/?token=x&a=1"}, "User-Agent": {"curl/8"},
	})
	assert.Equal(t, map[string]string{
		"authorization": Mask, "Proxy-Authorization": Mask, "COOKIE": Mask, "Set-Cookie": Mask, "X-Api-Key": Mask, "X-Csrf-Token": Mask,
		"Accept": "text/html, text/plain", "Referer": "https://h.example/?token=" + Mask + "&a=1", "User-Agent": "curl/8",
	}, shown)
	assert.Nil(t, (*Redactor)(nil).Header(nil))
}

func TestAllowedFieldsGoOutAsTheyAre(t *testing.T) {
	r := New([]string{"User.Email", "token", "X-Api-Key"})
	assert.True(t, r.Allowed("user.email"))
	assert.False(t, r.Allowed("email"))
	assert.Equal(t, "t", r.Value("Token", "t"))
	assert.Equal(t, map[string]string{"X-Api-Key": "k"}, r.Header(http.Header{"X-Api-Key": {"k"}}))
	type user struct{ Email, Backup string }
	assert.Equal(t, Fields{{"Email", "a@b.de"}, {"Backup", Mask}}, r.Plain("user", user{"a@b.de", "c@d.de"}))
	assert.Equal(t, "email=a@b.de", r.Attr([]string{"user"}, slog.String("email", "a@b.de")).String())
	assert.Equal(t, "user=[email=a@b.de]", r.Attr(nil, slog.Group("user", slog.String("email", "a@b.de"))).String())
	assert.Equal(t, "email="+Mask, r.Attr(nil, slog.String("email", "a@b.de")).String())
	assert.Equal(t, Mask, New(nil).Value("token", "t"))
}
