package redact

// A keyRule says which names are a secret's. A name is split at separators and
// at changes of case: "X-Api-Key" and "xApiKey" are the words x, api and key.
type keyRule struct {
	name string
	// strong words make the name a secret's wherever they stand, unless the
	// last word says that it is only about one ("token_count").
	strong string
	// last words do so only at the end of the name.
	last string
	// plural words name secrets, or how many of them there are: numbers pass.
	plural string
	// runs begin or end a word that has no boundary inside: "dbpassword".
	runs string
	// pairs are two words, one after the other.
	pairs []wordPair
	// connection words name connection strings: in their text secrets are
	// masked by pattern; what has no form of a connection string is masked.
	connection string
	// vendor words name a service: under them opaque values are masked.
	vendor string
}

type wordPair struct{ first, second string }

var keyRules = []keyRule{
	{
		name:   "key:password",
		strong: "password passwd pwd passphrase passcode passwort kennwort", last: "pass", plural: "passwords",
		runs: "password passwd passphrase passwort",
	},
	{name: "key:pin", last: "pin"},
	{name: "key:secret", strong: "secret", plural: "secrets", runs: "secret secrets", pairs: []wordPair{{"secret", "access key"}}},
	{name: "key:token", strong: "token", plural: "tokens", runs: "token tokens"},
	{name: "key:api-key", strong: "apikey", plural: "apikeys", runs: "apikey", pairs: []wordPair{{"api app application", "key keys"}}},
	{
		name:   "key:key",
		strong: "privatekey accesskey secretkey signingkey encryptionkey masterkey authkey accountkey sshkey",
		runs:   "secretkey privatekey",
		pairs: []wordPair{{
			"access secret private signing encryption decryption ssh license master account shared auth admin client hmac tls " +
				"ssl session deploy subscription storage symmetric webhook service stripe root",
			"key keys",
		}},
	},
	{name: "key:authorization", strong: "authorization bearer", last: "auth", runs: "authorization"},
	{name: "key:jwt", strong: "jwt", plural: "jwts"},
	{name: "key:cookie", strong: "cookie", plural: "cookies", runs: "cookie"},
	{
		name:   "key:session",
		strong: "sessionid sessionkey phpsessid jsessionid sessid", last: "session sid", plural: "sessions",
		runs: "sessionid sessiontoken", pairs: []wordPair{{"session", "id key token cookie"}},
	},
	{name: "key:credential", strong: "credential creds", plural: "credentials"},
	{name: "key:csrf", strong: "csrf xsrf"},
	{
		name: "key:one-time-code", strong: "otp totp",
		pairs: []wordPair{{"verification otp mfa security auth authorization recovery backup pin access activation confirmation time", "code codes"}},
	},
	{
		name:   "key:card",
		strong: "cvv cvc csc creditcard debitcard cardnumber cardno", last: "card pan", plural: "cards creditcards",
		runs: "creditcard cardnum", pairs: []wordPair{{"card", "number no num pan cvv cvc csc exp expiry holder data details track code pin"}},
	},
	{name: "key:account", strong: "ssn", last: "iban", pairs: []wordPair{{"account routing security", "number"}}},
	{name: "key:signature", last: "signature sig"},
	{name: "key:connection", connection: "dsn connstr connectionstring", pairs: []wordPair{{"connection conn", "string str"}}},

	// Services whose keys have no form of their own.
	{name: "key:adafruit", vendor: "adafruit"},
	{name: "key:airtable", vendor: "airtable"},
	{name: "key:algolia", vendor: "algolia"},
	{name: "key:alibaba", vendor: "alibaba"},
	{name: "key:asana", vendor: "asana"},
	{name: "key:atlassian", vendor: "atlassian confluence jira"},
	{name: "key:bitbucket", vendor: "bitbucket"},
	{name: "key:bittrex", vendor: "bittrex"},
	{name: "key:cloudflare", vendor: "cloudflare"},
	{name: "key:codecov", vendor: "codecov"},
	{name: "key:cohere", vendor: "cohere"},
	{name: "key:coinbase", vendor: "coinbase"},
	{name: "key:confluent", vendor: "confluent"},
	{name: "key:contentful", vendor: "contentful"},
	{name: "key:datadog", vendor: "datadog"},
	{name: "key:discord", vendor: "discord"},
	{name: "key:droneci", vendor: "droneci"},
	{name: "key:dropbox", vendor: "dropbox"},
	{name: "key:etsy", vendor: "etsy"},
	{name: "key:facebook", vendor: "facebook"},
	{name: "key:fastly", vendor: "fastly"},
	{name: "key:finicity", vendor: "finicity"},
	{name: "key:finnhub", vendor: "finnhub"},
	{name: "key:flickr", vendor: "flickr"},
	{name: "key:freshbooks", vendor: "freshbooks"},
	{name: "key:gitter", vendor: "gitter"},
	{name: "key:heroku", vendor: "heroku"},
	{name: "key:hubspot", vendor: "hubspot"},
	{name: "key:intercom", vendor: "intercom"},
	{name: "key:jfrog", vendor: "jfrog artifactory bintray xray"},
	{name: "key:kraken", vendor: "kraken"},
	{name: "key:kucoin", vendor: "kucoin"},
	{name: "key:launchdarkly", vendor: "launchdarkly"},
	{name: "key:linkedin", vendor: "linkedin"},
	{name: "key:mailgun", vendor: "mailgun"},
	{name: "key:mapbox", vendor: "mapbox"},
	{name: "key:mattermost", vendor: "mattermost"},
	{name: "key:meraki", vendor: "meraki"},
	{name: "key:messagebird", vendor: "messagebird"},
	{name: "key:netlify", vendor: "netlify"},
	{name: "key:newrelic", vendor: "newrelic"},
	{name: "key:nytimes", vendor: "nytimes"},
	{name: "key:okta", vendor: "okta"},
	{name: "key:plaid", vendor: "plaid"},
	{name: "key:privateai", vendor: "privateai"},
	{name: "key:rapidapi", vendor: "rapidapi"},
	{name: "key:sendbird", vendor: "sendbird"},
	{name: "key:snyk", vendor: "snyk"},
	{name: "key:sonar", vendor: "sonar"},
	{name: "key:squarespace", vendor: "squarespace"},
	{name: "key:sumologic", vendor: "sumo sumologic"},
	{name: "key:travis", vendor: "travis"},
	{name: "key:twitch", vendor: "twitch"},
	{name: "key:twitter", vendor: "twitter"},
	{name: "key:zendesk", vendor: "zendesk"},
}

// about are last words under which no secret stands.
var about = words("count type kind length len size ttl expires expiry expiration expired expire at age policy enabled disabled " +
	"valid invalid present limit usage used rate duration seconds ms version strength status changed required name remaining " +
	"budget total method mode attempts attempt failures error errors reason rotation scope scopes issuer refreshed")

// aboutService are last words under which a service's keys do not stand.
var aboutService = words("id ids url uri host domain region org organization project user account event trace commit sha hash build release path digest")
