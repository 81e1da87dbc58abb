package redact

import "strings"

// tokenFormats are the first bytes of tokens that say what they are, with how
// many more of A-Z, a-z, 0-9, "_", "-", "." they have at least.
var tokenFormats = []struct {
	prefix string
	more   int
}{
	{"sk_live_", 10}, {"sk_test_", 10}, {"rk_live_", 10}, {"rk_test_", 10}, {"whsec_", 10}, // Stripe
	{"ghp_", 20}, {"gho_", 20}, {"ghu_", 20}, {"ghs_", 20}, {"ghr_", 20}, {"github_pat_", 20},
	{"glpat-", 16}, {"gldt-", 16}, {"glrt-", 16}, // GitLab
	{"xoxb-", 10}, {"xoxp-", 10}, {"xoxa-", 10}, {"xoxr-", 10}, {"xoxs-", 10}, {"xoxe-", 10}, {"xapp-", 10}, // Slack
	{"AIza", 30}, {"ya29.", 20}, {"GOCSPX-", 20}, // Google
	{"SG.", 40}, {"key-", 32}, // SendGrid, Mailgun
	{"npm_", 30}, {"pypi-", 30}, {"dop_v1_", 30}, {"hf_", 30},
	{"shpat_", 20}, {"shpss_", 20}, {"shpca_", 20}, {"shppa_", 20}, // Shopify
	{"sq0atp-", 20}, {"sq0csp-", 20}, // Square
	{"sk-ant-", 20}, {"sk-proj-", 20}, {"sk-", 32}, {"gsk_", 32},
	{"hvs.", 20}, {"hvb.", 20}, {"dp.pt.", 20}, // Vault, Doppler
	{"lin_api_", 20}, {"figd_", 20}, {"tskey-", 16}, {"sbp_", 30}, {"PMAK-", 30}, {"NRAK-", 20}, {"phx_", 20},
	{"AGE-SECRET-KEY-1", 20}, {"EAACEdEose0cBA", 10}, {"dapi", 32},
}

// tokenAt finds a token of a known format that begins at s[i], and gives its
// end; 0 if there is none. wordEnd is the end of the first run of letters and
// digits.
func tokenAt(s string, i, wordEnd int) int {
	if i > 0 && (s[i-1] == '_' || s[i-1] == '-') {
		return 0 // inside a longer name
	}
	if awsKey(s[i:wordEnd]) {
		return wordEnd
	}
	more, known := tokenFormat(s[i:])
	if !known {
		return 0
	}
	end := i
	for end < len(s) && (alnum(s[end]) || s[end] == '_' || s[end] == '-' || s[end] == '.') {
		end++
	}
	for end > i && s[end-1] == '.' { // the sentence's
		end--
	}
	if token := s[i:end]; len(token) < more || more == 0 && !jwt(token) {
		return 0
	}
	return end
}

// tokenFormat gives the least length of a token that begins as s does; 0 for a
// JSON web token.
func tokenFormat(s string) (length int, known bool) {
	if strings.HasPrefix(s, "eyJ") {
		return 0, true
	}
	if !tokenStart[s[0]] {
		return 0, false
	}
	for _, f := range tokenFormats {
		if strings.HasPrefix(s, f.prefix) {
			return len(f.prefix) + f.more, true
		}
	}
	return 0, false
}

// tokenStart are the first bytes of tokenFormats.
var tokenStart = func() (t [256]bool) {
	for _, f := range tokenFormats {
		t[f.prefix[0]] = true
	}
	return t
}()

// jwt: header.payload.signature or more parts, each base64url. The header is a
// JSON object, so it begins with eyJ.
func jwt(token string) bool {
	dots := strings.Count(token, ".")
	return dots >= 2 && len(token) >= 20 || dots == 1 && len(token) >= 30
}

// awsKey: an access key ID of Amazon Web Services.
func awsKey(w string) bool {
	if len(w) != 20 || w[0] != 'A' {
		return false
	}
	switch w[:4] {
	case "AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA":
	default:
		return false
	}
	for i := 4; i < len(w); i++ {
		if !upper(w[i]) && !digit(w[i]) {
			return false
		}
	}
	return true
}

// scheme masks the credentials after "Bearer" or "Basic", which ends at s[i].
func (sc *scanner) scheme(i int) int {
	s := sc.s
	from := i
	for from < len(s) && (s[from] == ' ' || s[from] == '\t') {
		from++
	}
	to := from
	for to < len(s) && (alnum(s[to]) || strings.IndexByte("-._~+/=", s[to]) >= 0) {
		to++
	}
	for to > from && s[to-1] == '.' {
		to--
	}
	cred := s[from:to]
	// "Basic authentication" and "bearer of news" are prose.
	if len(cred) < 4 || prose(cred) && (len(cred) < 20 || !strings.ContainsAny(cred, "=/+")) {
		return 0
	}
	return sc.mask(from, to)
}

// prose reports whether w could be a word of a sentence: letters of one case,
// the first letter apart.
func prose(w string) bool {
	for i := range len(w) {
		if !lower(w[i]) && (i > 0 || !upper(w[i])) {
			return false
		}
	}
	return true
}

// pem masks a private key from its BEGIN to its END line, or to the end of the
// text. i is at the first hyphen.
func (sc *scanner) pem(i int) int {
	s := sc.s
	const begin = "-----BEGIN "
	if !strings.HasPrefix(s[i:], begin) {
		return 0
	}
	label, _, ok := strings.Cut(s[i+len(begin):], "-----")
	if !ok || len(label) > 64 || !strings.HasSuffix(label, "PRIVATE KEY") && !strings.HasSuffix(label, "PRIVATE KEY BLOCK") {
		return 0
	}
	end := "-----END " + label + "-----"
	if j := strings.Index(s[i:], end); j >= 0 {
		return sc.mask(i, i+j+len(end))
	}
	return sc.mask(i, len(s))
}
