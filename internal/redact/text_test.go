package redact_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/internal/redact"
)

// The tokens are made up, and put together here so that no scanner of
// repositories takes them for real ones.
var (
	fakeStripe = "sk_" + "live_" + "abcdEFGH1234567890zz"
	fakeGitHub = "gh" + "p_" + "abcdefghijklmnopqrstuvwxyz0123456789"
	fakeSlack  = "xo" + "xb-" + "123456789012-abcdefGHIJKL"
	fakeAWS    = "AK" + "IA" + "ABCDEFGHIJKLMNOP"
	fakeGoogle = "AI" + "za" + "SyA-abcdefghijklmnopqrstuvwxyz012345"
	fakeJWT    = "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0In0.c2lnbmF0dXJlLWhlcmU"
	fakeGitLab = "gl" + "pat-" + "abcdefghij0123456789"
	fakeSend   = "S" + "G." + "abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	fakeHook   = "T00" + "000000/B0" + "0000000/abcdefghijklmnopqrstuvwx"
	fakeBot    = "123456789:" + "AAabcdefghijklmnopqrstuvwxyz0123456"
	fakePEM    = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEabc123\nxyz==\n-----END RSA " + "PRIVATE KEY-----"
)

// Case 16: secrets in URLs and pairs; scheme and host stay.
func TestSecretsInFreeTextAreMasked(t *testing.T) {
	const m = redact.Mask
	for _, tc := range []struct{ in, want string }{
		// Cards.
		{"paid with 4111111111111111 today", "paid with " + m + " today"},
		{"4111 1111 1111 1111", m},
		{"4111-1111-1111-1111.", m + "."},
		{"amex 378282246310005,", "amex " + m + ","},
		{"3782 822463 10005", m},
		{"mc 5555555555554444 and 2223003122003222", "mc " + m + " and " + m},
		{"6011111111111117", m},
		{"30569309025904", m},
		{"3530111333300000", m},
		{"6200000000000005", m},
		{"4222222222222", m},
		{"no 12 4111 1111 1111 1111", "no 12 " + m},
		{"(4012888888881881)", "(" + m + ")"},
		// Schemes and known formats.
		{"Bearer abc.def-123", "Bearer " + m},
		{"sent bearer   tok3n.", "sent bearer   " + m + "."},
		{"Basic dXNlcjpwYXNz", "Basic " + m},
		{"jwt " + fakeJWT + " refused", "jwt " + m + " refused"},
		{fakeStripe, m},
		{"key=" + fakeStripe + ";", "key=" + m + ";"},
		{"use " + fakeGitHub, "use " + m},
		{fakeSlack + " failed", m + " failed"},
		{"id " + fakeAWS, "id " + m},
		{fakeGoogle, m},
		{"pull with " + fakeGitLab + ".", "pull with " + m + "."},
		{fakeSend, m},
		{"key:\n" + fakePEM + "\nend", "key:\n" + m + "\nend"},
		{"-----BEGIN " + "PRIVATE KEY-----\ncut", m},
		// URLs.
		{"https://user:pw@example.com/x?y=1", "https://" + m + "@example.com/x?y=1"},
		{"postgres://app:s3cr3t@db:5432/shop?sslmode=disable", "postgres://" + m + "@db:5432/shop?sslmode=disable"},
		{"postgres://app:a/b?c@db/shop", "postgres://" + m + "@db/shop"},
		{"redis://:pw@cache:6379", "redis://" + m + "@cache:6379"},
		{"https://abcdef0123@o1.ingest.example.io/4", "https://" + m + "@o1.ingest.example.io/4"},
		{"post https://hooks.slack.com/services/" + fakeHook + ": 404", "post https://hooks.slack.com/services/" + m + ": 404"},
		{"hooks.slack.com/services/" + fakeHook, "hooks.slack.com/services/" + m},
		{"https://api.telegram.org/bot" + fakeBot + "/sendMessage", "https://api.telegram.org/bot" + m + "/sendMessage"},
		{"https://discord.com/api/webhooks/123/abc-DEF", "https://discord.com/api/webhooks/" + m},
		{"/cb?csrf-token=abc&page=2", "/cb?csrf-token=" + m + "&page=2"},
		{"/in?webhook-secret=s3&x=1", "/in?webhook-secret=" + m + "&x=1"},
		{"/x#access_token=abc&y=1", "/x#access_token=" + m + "&y=1"},
		{"/x?api%5Fkey=abc", "/x?api%5Fkey=" + m},
		{"/oauth?code=abcdefghijklmnop1234", "/oauth?code=" + m},
		// Pairs.
		{"host=db user=app password=s3cr3t dbname=x", "host=db user=app password=" + m + " dbname=x"},
		{`password='two words' dbname=x`, `password='` + m + `' dbname=x`},
		{`password='it\'s' x=1`, `password='` + m + `' x=1`},
		{"Server=db;Uid=app;Pwd=a,b;Database=x", "Server=db;Uid=app;Pwd=" + m + ";Database=x"},
		{"app:s3cr3t@tcp(db:3306)/shop", m + "@tcp(db:3306)/shop"},
		{"password: hunter2", "password: " + m},
		{"Password = hunter2", "Password = " + m},
		{"DB_PASSWORD=x", "DB_PASSWORD=" + m},
		{"Authorization: Bearer abcdef", "Authorization: " + m},
		{"Cookie: a=b; c=d", "Cookie: " + m},
		{"X-Api-Key: abc123", "X-Api-Key: " + m},
		{"user[password]=x&user[name]=y", "user[password]=" + m + "&user[name]=y"},
		{"{apiKey:abc1}", "{apiKey:" + m + "}"},
		{"map[password:hunter2 user:ada]", "map[password:" + m + " user:ada]"},
		{"secret=a&b=c", "secret=" + m + "&b=c"},
		{"secret=a&bc", "secret=" + m},
		{"token=[abc]", "token=" + m},
		{"API key: abc123", "API key: " + m},
		{"the card number: 12", "the card number: " + m},
		{"run --password hunter2 --user ada", "run --password " + m + " --user ada"},
		{"run -token 'a b' x", "run -token '" + m + "' x"},
		{"<user><password>a b</password><name>x</name></user>", "<user><password>" + m + "</password><name>x</name></user>"},
		// JSON.
		{`{"password":"x","n":1}`, `{"password":"` + m + `","n":1}`},
		{`{"password": "a\"b", "n": 1}`, `{"password": "` + m + `", "n": 1}`},
		{`{"pin":1234}`, `{"pin":"` + m + `"}`},
		{`{"card":{"no":"1","x":[1,2]},"n":1}`, `{"card":"` + m + `","n":1}`},
		{`body={\"password\":\"x\",\"n\":1}`, `body={\"password\":\"` + m + `\",\"n\":1}`},
		{`{"pass\u0077ord":"x"}`, `{"pass\u0077ord":"` + m + `"}`},
		{`{"tokens":["a","b"]}`, `{"tokens":"` + m + `"}`},
		// Mail.
		{"mail ada@example.com.", "mail " + m + "."},
		{"<ada.l+x@mail.example.co.uk>", "<" + m + ">"},
		{"to=ada%40example.com&x=1", "to=" + m + "&x=1"},
		{"Key (email)=(ada@example.com) already exists", "Key (email)=(" + m + ") already exists"},
		{"jürgen@müller.de", m},
	} {
		t.Run(tc.in, func(t *testing.T) {
			var r *redact.Redactor
			assert.Equal(t, tc.want, r.Text(tc.in))
			assert.Equal(t, tc.want, r.Text(r.Text(tc.in)), "masking twice changes nothing")
		})
	}
}

// Case 20: digits are a card only with Luhn, issuer prefix and its length.
func TestWhatOnlyLooksLikeASecretStays(t *testing.T) {
	for _, in := range []string{
		"", "a", "user logged in", "order 456 placed",
		"1732527989123", "at 1732527989123456789 ns", "order 4111111111111112", "20261125094629", "order 1234567890123456",
		"4006381333931", "4000000000000", // barcodes
		"+49 151 12345678", "+4915112345678", "tel 030 123456", "0.4111111111111111", "v4111111111111111x",
		"id 550e8400-e29b-41d4-a716-446655440000", "4bf92f3577b34da6a3ce929d0e0e4736", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"commit 1a2b3c4d5e6f7a8b9c0d", "192.168.1.10:8080", "[::1]:443", "2026-11-25T09:46:29Z", "12:30:59",
		"https://example.com/a?page=2&sort=asc#top", "http://localhost:8080/x", "https://example.com/@ada", "http://[::1]:80/@x",
		"git@github.com:org/repo.git", "package@1.2.3", "logo@2x.png", "@ada said hi", "a @ b", "user@localhost",
		"Basic authentication required", "bearer of news", "Basic auth failed", "the bearer token is missing",
		"invalid token: unexpected EOF", "parse token: EOF", "session: expired", "password: must be longer", "secret: not found",
		"token=", "password=null", "tokens=5", "max_tokens: 100", "token_count=3", "prompt tokens: 12",
		`{"tokens":5,"max_tokens":10}`, `{"password":null}`, `{"author":"ada","cardinality":3}`,
		"author=ada", "monkey=1", "keyboard: qwerty", "primary_key=7", "public_key=abc", "passenger=ada", "secretary: ada",
		"scorecard=7", "cookiecutter=x", "if token == nil", "a := b", "std::vector<token>", "passwordless=1",
		"sk_live_ is a prefix", "ghp_short", "AKIA", "eyJ", "task-list_item", "key-value", "Slack", "SG.1",
		"GET /orders/{id} 200 12ms", "/services/abc", "robot123:go", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
		"5 % of 10 = 0.5", "100%", "--password is required", "--password --user", "cut-token here", "a - b", "<b>bold</b>", "<token/>", "primary key: 7", "order number: 8", "50%40", "?code=200", "idempotency_key=1", "sort key: name", "[redacted]", "password=[redacted]",
		"3.14159265358979", "a\x00b\x00", "ORD4111111111111111",
	} {
		t.Run(in, func(t *testing.T) {
			var r *redact.Redactor
			assert.Equal(t, in, r.Text(in))
		})
	}
}

func TestTextWithNothingToMaskAllocatesNothing(t *testing.T) {
	var r *redact.Redactor
	for _, s := range []string{"user logged in", "GET /orders/{id}: 200 in 12ms, a=b", "4bf92f3577b34da6a3ce929d0e0e4736", strings.Repeat("word ", 100)} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { r.Text(s) }), s)
	}
}

func TestURLKeepsSchemeAndHost(t *testing.T) {
	const m = redact.Mask
	for _, tc := range []struct{ in, want string }{
		{"https://u:p@h.example/a?token=x&page=2#f", "https://" + m + "@h.example/a?token=" + m + "&page=2#f"},
		{"https://h.example/a?ref=abcdef0123456789abcdef0123456789", "https://h.example/a?ref=" + m},
		{"https://h.example/a?id=550e8400-e29b-41d4-a716-446655440000", "https://h.example/a?id=550e8400-e29b-41d4-a716-446655440000"},
		{"https://h.example/a", "https://h.example/a"},
		{"", ""},
	} {
		assert.Equal(t, tc.want, (*redact.Redactor)(nil).URL(tc.in))
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "password=x", `{"a":"b","token":[1]}`, "a@b.cc", "https://u:p@h/x", "4111 1111 1111 1111", "Bearer x.y.z",
		fakePEM, `\"pwd\":\"x`, "app:x@tcp(h)", "token: ,;&)", "%40%40", "x=[redacted]@y.de", "key='", "a\x00b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var r *redact.Redactor
		before := strings.Clone(s)
		once := r.Text(s)
		if s != before {
			t.Fatal("input changed")
		}
		if twice := r.Text(once); twice != once {
			t.Fatalf("not idempotent: %q, %q, %q", s, once, twice)
		}
		r.URL(s)
	})
}
