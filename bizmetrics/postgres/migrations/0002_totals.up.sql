-- What is added up, in the transaction that adds the events. Rows change often
-- and grow little: the room that fillfactor leaves lets them change in place.

CREATE TABLE {schema}.totals (
	grain     bigint NOT NULL,
	kind      bigint NOT NULL,
	start     bigint NOT NULL,
	supplier  text COLLATE "C" NOT NULL,
	status    text COLLATE "C" NOT NULL,
	method    text COLLATE "C" NOT NULL,
	currency  text COLLATE "C" NOT NULL,
	tenant    text COLLATE "C" NOT NULL,
	n         bigint NOT NULL,
	amount_hi bigint NOT NULL,
	amount_lo bigint NOT NULL,
	after_hi  bigint NOT NULL,
	after_lo  bigint NOT NULL,
	PRIMARY KEY (grain, kind, start, supplier, status, method, currency, tenant)
) WITH (fillfactor = 45);

CREATE TABLE {schema}.order_values (
	scope text COLLATE "C" NOT NULL,
	month bigint NOT NULL,
	level bigint NOT NULL,
	value bigint NOT NULL,
	n     bigint NOT NULL,
	PRIMARY KEY (scope, month, level, value)
) WITH (fillfactor = 70);

CREATE TABLE {schema}.user_days (
	scope   text COLLATE "C" NOT NULL,
	day     bigint NOT NULL,
	topic   text COLLATE "C" NOT NULL,
	account text COLLATE "C" NOT NULL,
	n       bigint NOT NULL,
	PRIMARY KEY (scope, day, topic, account)
) WITH (fillfactor = 90);

CREATE TABLE {schema}.users (
	account text COLLATE "C" PRIMARY KEY,
	lasts   bytea NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE {schema}.user_counts (
	scope text COLLATE "C" NOT NULL,
	day   bigint NOT NULL,
	topic text COLLATE "C" NOT NULL,
	seen  bigint NOT NULL,
	last  bigint NOT NULL,
	PRIMARY KEY (scope, day, topic)
) WITH (fillfactor = 45);

CREATE TABLE {schema}.customers (
	customer text COLLATE "C" PRIMARY KEY,
	first_at bigint NOT NULL,
	lasts    bytea NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE {schema}.customer_months (
	scope         text COLLATE "C" NOT NULL,
	month         bigint NOT NULL,
	customer      text COLLATE "C" NOT NULL,
	placed        bigint NOT NULL,
	placed_hi     bigint NOT NULL,
	placed_lo     bigint NOT NULL,
	refund        bigint NOT NULL,
	refund_hi     bigint NOT NULL,
	refund_lo     bigint NOT NULL,
	cancelled     bigint NOT NULL,
	cancelled_hi  bigint NOT NULL,
	cancelled_lo  bigint NOT NULL,
	goods         bigint NOT NULL,
	goods_hi      bigint NOT NULL,
	goods_lo      bigint NOT NULL,
	commission    bigint NOT NULL,
	commission_hi bigint NOT NULL,
	commission_lo bigint NOT NULL,
	PRIMARY KEY (scope, month, customer)
) WITH (fillfactor = 80);

CREATE TABLE {schema}.cohort_months (
	scope               text COLLATE "C" NOT NULL,
	month               bigint NOT NULL,
	cohort              bigint NOT NULL,
	customers           bigint NOT NULL,
	returning_customers bigint NOT NULL,
	last                bigint NOT NULL,
	placed              bigint NOT NULL,
	placed_hi           bigint NOT NULL,
	placed_lo           bigint NOT NULL,
	refund              bigint NOT NULL,
	refund_hi           bigint NOT NULL,
	refund_lo           bigint NOT NULL,
	cancelled           bigint NOT NULL,
	cancelled_hi        bigint NOT NULL,
	cancelled_lo        bigint NOT NULL,
	goods               bigint NOT NULL,
	goods_hi            bigint NOT NULL,
	goods_lo            bigint NOT NULL,
	commission          bigint NOT NULL,
	commission_hi       bigint NOT NULL,
	commission_lo       bigint NOT NULL,
	PRIMARY KEY (scope, month, cohort)
) WITH (fillfactor = 45);
