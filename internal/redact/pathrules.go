package redact

// A pathRule is an address whose path is the secret: whoever knows it may post.
type pathRule struct {
	name    string
	address string
}

var pathRules = []pathRule{
	{"path:slack", "hooks.slack.com/services"},
	{"path:slack-workflow", "hooks.slack.com/workflows"},
	{"path:slack-trigger", "hooks.slack.com/triggers"},
	{"path:discord", "discord.com/api/webhooks"},
	{"path:discordapp", "discordapp.com/api/webhooks"},
	{"path:teams", "webhook.office.com/webhookb2"},
	{"path:outlook", "outlook.office.com/webhook"},
	{"path:google-chat", "chat.googleapis.com/v1/spaces"},
	{"path:zapier", "hooks.zapier.com/hooks/catch"},
	{"path:pagerduty", "events.pagerduty.com/integration"},
	{"path:opsgenie", "api.opsgenie.com/v1/json"},
	{"path:mattermost", "/hooks/incoming"},
	{"path:ifttt", "/with/key"},
	{"path:healthchecks", "hc-ping.com"},
}

// shape is a rule that is code: what it finds has no table's form.
type shape uint8

const (
	shapeMail shape = iota
	shapeUserInfo
	shapeBareUserInfo
	shapeDriverDSN
	shapePair
	shapePairQuoted
	shapePairList
	shapeQuery
	shapeOpaqueQuery
	shapeFlag
	shapeUserFlag
	shapeElement
	shapeAttribute
	shapeScheme
	shapeDigest
	shapeJWT
	shapeJWTEncoded
	shapeDiscordBot
	shapePEM
	shapeTelegram
	shapeSQLPassword
	shapeNetrc
	shapeEscape
	typeTagRedact
	typeTagLog
	typeLogValuer
	typeJSON
	typeURL
	typeHeader
	typeCardNumber
	shapes
)

var shapeNames = [shapes]string{
	shapeMail:         "mail",
	shapeUserInfo:     "url-user",
	shapeBareUserInfo: "user-at-host",
	shapeDriverDSN:    "driver-dsn",
	shapePair:         "pair",
	shapePairQuoted:   "pair-json",
	shapePairList:     "pair-list",
	shapeQuery:        "query-code",
	shapeOpaqueQuery:  "query-opaque",
	shapeFlag:         "flag",
	shapeUserFlag:     "flag-user",
	shapeElement:      "xml-element",
	shapeAttribute:    "xml-attribute",
	shapeScheme:       "auth-scheme",
	shapeDigest:       "auth-digest",
	shapeJWT:          "jwt",
	shapeJWTEncoded:   "jwt-encoded",
	shapeDiscordBot:   "discord-bot",
	shapePEM:          "private-key",
	shapeTelegram:     "telegram-bot",
	shapeSQLPassword:  "sql-password",
	shapeNetrc:        "netrc",
	shapeEscape:       "escaped",
	typeTagRedact:     "type:tag-redact",
	typeTagLog:        "type:tag-log",
	typeLogValuer:     "type:log-valuer",
	typeJSON:          "type:json",
	typeURL:           "type:url",
	typeHeader:        "type:header",
	typeCardNumber:    "type:card-number",
}
