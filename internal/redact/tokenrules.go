package redact

// A tokenRule knows tokens by how they begin: one of the prefixes, and least
// or more bytes of the alphabet, at most as many as most, if that is not 0.
type tokenRule struct {
	name     string
	prefixes string
	body     alphabet
	least    int
	most     int
}

var tokenRules = []tokenRule{
	// Payment.
	{"stripe", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", alnums, 10, 0},
	{"stripe-webhook", "whsec_", base64Bytes, 16, 0},
	{"square", "sq0atp- sq0csp- sq0idp- EAAA", wordBytes, 20, 0},
	{"adyen", "AQE", anyBytes, 60, 0},
	{"braintree", "access_token$", anyBytes, 30, 0},
	{"live-or-test", "live_ test_", wordBytes, 28, 0},
	{"plaid", "access-sandbox- access-development- access-production-", wordBytes, 32, 0},
	{"razorpay", "rzp_live_ rzp_test_", alnums, 10, 0},
	{"flutterwave", "FLWSECK- FLWSECK_TEST-", wordBytes, 12, 0},
	{"easypost", "EZAK EZTK", alnums, 50, 0},
	{"shippo", "shippo_live_ shippo_test_", hexes, 30, 0},
	{"duffel", "duffel_live_ duffel_test_", wordBytes | base64s, 30, 0},
	{"secret-key", "sk_", wordBytes, 24, 0},
	// Shops.
	{"shopify", "shpat_ shpss_ shpca_ shppa_ shptka_", hexes, 20, 0},
	// Code, packages, builds.
	{"github", "ghp_ gho_ ghu_ ghs_ ghr_", alnums, 20, 0},
	{"github-fine-grained", "github_pat_", wordBytes, 20, 0},
	{"gitlab", "glpat- gldt- glrt- glcbt- glffct- glft- glimt- glagent- gloas- glptt- glsoat-", dotted, 16, 0},
	{"gitlab-runner", "GR1348941", wordBytes, 18, 0},
	{"bitbucket", "ATBB ATCTT3", wordBytes, 24, 0},
	{"atlassian", "ATATT3", wordBytes | base64s, 60, 0},
	{"npm", "npm_", alnums, 30, 0},
	{"pypi", "pypi-", wordBytes, 30, 0},
	{"rubygems", "rubygems_", lowerHexes, 30, 0},
	{"clojars", "CLOJARS_ clojars_", alnums, 40, 0},
	{"nuget", "oy2", lowerHexes | lowerOther, 43, 43},
	{"docker", "dckr_pat_ dckr_oat_", wordBytes, 20, 0},
	{"artifactory", "AKCp cmVmd", alnums, 55, 0},
	{"circleci", "CCIPAT_ CCIPRJ_", wordBytes, 30, 0},
	{"buildkite", "bkua_ bkat_", alnums, 30, 0},
	{"pulumi", "pul-", lowerHexes, 40, 0},
	{"terraform-cost", "ico-", alnums, 32, 0},
	{"harness", "pat. sat.", dotted, 60, 0},
	{"octopus", "API-", capitals, 24, 0},
	{"sonar", "sqa_ sqp_ squ_", lowerHexes, 30, 0},
	{"sourcegraph", "sgp_ slk_", alnums | joints, 30, 0},
	{"snyk", "snyk_uat. snyk_sat.", dotted, 30, 0},
	{"readme", "rdme_", lowerHexes | lowerOther, 50, 0},
	{"prefect", "pnu_ pnb_", alnums, 30, 0},
	{"settlemint", "sm_aat_ sm_pat_ sm_sat_", alnums, 14, 0},
	{"scalingo", "tk-us-", wordBytes, 40, 0},
	{"postman", "PMAK-", wordBytes, 40, 0},
	// Clouds.
	{"aws", "AKIA ASIA ABIA ACCA AROA AIDA A3T", capitals, 16, 17},
	{"aws-bedrock", "ABSK", base64Bytes, 80, 0},
	{"alibaba", "LTAI", alnums, 16, 24},
	{"tencent", "AKID", alnums, 28, 40},
	{"google-api", "AIza", wordBytes, 30, 0},
	{"google-oauth", "ya29. GOCSPX-", dotted, 20, 0},
	{"digitalocean", "dop_v1_ doo_v1_ dor_v1_", lowerHexes, 30, 0},
	{"heroku", "HRKU-", wordBytes, 30, 0},
	{"fly", "fo1_ fm1a_ fm1r_ fm2_ FlyV1", wordBytes | base64s, 40, 0},
	{"netlify", "nfp_ nfc_ nfo_", alnums, 30, 0},
	{"render", "rnd_", alnums, 24, 0},
	{"cloudflare-origin", "v1.0-", wordBytes, 120, 0},
	{"planetscale", "pscale_tkn_ pscale_oauth_ pscale_pw_", dotted | base64s, 30, 0},
	{"supabase", "sbp_ sb_secret_", wordBytes, 24, 0},
	{"databricks", "dapi dkea", lowerHexes | joints, 32, 0},
	{"clickhouse", "4b1d", alnums, 38, 38},
	{"mongodb-atlas", "mdb_sa_sk_", wordBytes, 30, 0},
	{"yandex", "t1. AQVN YC y0_", dotted | base64s, 35, 0},
	{"openshift", "sha256~", wordBytes, 40, 0},
	{"tailscale", "tskey-", wordBytes, 16, 0},
	{"nebula", "dnkey-", wordBytes | base64s, 60, 0},
	// Secrets' stores.
	{"vault", "hvs. hvb. hvr.", wordBytes, 20, 0},
	{"vault-old", "s.", alnums, 24, 24},
	{"doppler", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", dotted, 30, 0},
	{"onepassword", "A3- ops_eyJ", wordBytes | base64s, 28, 0},
	{"age", "AGE-SECRET-KEY-1", capitals, 40, 0},
	{"authress", "sc_ ext_ scauth_ authress_", tokenBytes, 60, 0},
	// Monitoring.
	{"sentry", "sntrys_ sntryu_ sntrya_", wordBytes | base64s, 30, 0},
	{"grafana", "glc_ glsa_ eyJrIjoi", wordBytes | base64s, 30, 0},
	{"newrelic", "NRAK- NRJS- NRII- NRAA- NRRA-", wordBytes, 18, 0},
	{"dynatrace", "dt0c01. dt0s01.", dotted, 40, 0},
	{"posthog", "phx_ phs_", wordBytes, 24, 0},
	{"honeycomb", "hcaik_ hcbik_ hcxik_", alnums, 30, 0},
	// Mail, chat, phone.
	{"slack", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxe- xoxe. xoxc- xoxd- xapp-", dotted, 10, 0},
	{"sendgrid", "SG.", dotted | base64s, 40, 0},
	{"mailgun", "key-", lowerHexes, 32, 0},
	{"brevo", "xkeysib- xsmtpsib-", wordBytes, 60, 0},
	{"twilio", "SK", lowerHexes, 32, 32},
	{"intercom", "dG9rO", base64Bytes, 40, 0},
	// Models.
	{"model", "sk- gsk_ pplx- xai- r8_", wordBytes, 32, 0},
	{"anthropic", "sk-ant-", wordBytes, 20, 31},
	{"huggingface", "hf_ api_org_", alnums, 30, 0},
	{"langsmith", "lsv2_pt_ lsv2_sk_", wordBytes, 30, 0},
	// Work.
	{"linear", "lin_api_ lin_oauth_", alnums, 30, 0},
	{"notion", "ntn_", alnums, 40, 0},
	{"airtable", "pat", dotted, 70, 0},
	{"figma", "figd_ figo_ figdr_", wordBytes, 30, 0},
	{"typeform", "tfp_", dotted | base64s, 40, 0},
	{"frameio", "fio-u-", wordBytes | base64s, 50, 0},
	{"contentful", "CFPAT-", wordBytes, 40, 0},
	{"adobe", "p8e-", alnums, 32, 0},
	{"intra42", "s-s4t2ud- s-s4t2af-", lowerHexes, 60, 0},
	{"okta", "00", wordBytes, 40, 40},
	{"dropbox", "sl.", wordBytes | base64s, 100, 0},
	{"beamer", "b_", wordBytes | base64s, 44, 44},
	// People.
	{"facebook", "EAA IGQV", alnums, 60, 0},
	{"twitter", "AAAAAAAAAAAAAAAAAAAAAA", alnums | odd, 70, 0},
}

// An infixRule knows tokens by what stands in them. Before it are before bytes
// of one alphabet, after it are after or more of another.
type infixRule struct {
	name    string
	infix   string
	body    alphabet
	before  int
	most    int // of before
	tail    alphabet
	after   int
	maxTail int // of after, if not 0
}

var infixRules = []infixRule{
	{"azure-client", "~", dotted | odd, 5, 5, dotted | odd, 30, 0},
	{"terraform", ".atlasv1.", alnums, 14, 14, wordBytes | base64s, 50, 0},
	{"mailchimp", "-us", lowerHexes, 32, 32, digits, 1, 2},
	{"maxmind", "_mmk", alnums | joints, 36, 36, 0, 0, 0},
	{"facebook-app", "|", digits, 15, 16, wordBytes, 27, 40},
	{"facebook-app-escaped", "%7C", digits, 15, 16, wordBytes, 27, 40},
	{"twitter-access", "-", digits, 15, 25, alnums, 40, 40},
}
