-- Business events and what finds them. {schema} is the quoted name of the
-- schema, {name} the same as a text.

-- The one row that says what the last batch was. Whoever writes holds the
-- advisory lock of the schema; this row says whether somebody else did before.
CREATE TABLE {schema}.writer (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	next_id  bigint NOT NULL,
	batch    bigint NOT NULL,
	process  text COLLATE "C" NOT NULL
) WITH (fillfactor = 10);
INSERT INTO {schema}.writer (next_id, batch, process) VALUES (1, 0, '');

CREATE TABLE {schema}.settings (
	name  text COLLATE "C" PRIMARY KEY,
	value text COLLATE "C" NOT NULL
);

-- What Event.Kind and the status of Event.Data are called in columns "kind".
CREATE TABLE {schema}.kinds (
	kind   bigint PRIMARY KEY,
	name   text NOT NULL,
	status text NOT NULL
);
INSERT INTO {schema}.kinds VALUES
	(1, 'order', 'placed'), (2, 'order', 'confirmed'), (3, 'order', 'delivered'), (4, 'order', 'cancelled'),
	(5, 'refund', ''), (6, 'payment', ''), (7, 'supplier_response', ''), (8, 'nps', ''), (9, 'supplier_offer', ''), (10, 'delivery', ''),
	(11, 'user', 'signed_up'), (12, 'user', 'active'), (13, 'user', 'invited'), (14, 'feature', ''),
	(15, 'cost', 'acquisition'), (16, 'cost', 'goods'), (17, 'commission', '');

CREATE TABLE {schema}.events (
	at       bigint NOT NULL,
	id       bigint NOT NULL,
	kind     bigint NOT NULL,
	status   text COLLATE "C" NOT NULL,
	method   text COLLATE "C" NOT NULL,
	supplier text COLLATE "C" NOT NULL,
	customer text COLLATE "C" NOT NULL,
	currency text COLLATE "C" NOT NULL,
	tenant   text COLLATE "C" NOT NULL,
	amount   bigint NOT NULL,
	after    bigint NOT NULL,
	hash     bigint NOT NULL,
	unit     bigint NOT NULL,
	data     bytea NOT NULL,
	PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

-- One table for all partitions: to look for a key in each of them would take
-- longer with each month.
CREATE TABLE {schema}.event_keys (
	hash bigint NOT NULL,
	unit bigint NOT NULL,
	at   bigint NOT NULL,
	id   bigint NOT NULL
);
CREATE INDEX event_keys_hash ON {schema}.event_keys (hash);
CREATE INDEX event_keys_unit ON {schema}.event_keys (unit) WHERE unit <> 0;

CREATE VIEW {schema}.readable_events AS
	SELECT to_timestamp(e.at / 1000000.0) AS at, k.name AS kind, k.status AS step, e.status, e.method, e.supplier, e.customer,
		e.currency, e.tenant, e.amount, e.after / 1000000000.0 AS after_seconds, convert_from(e.data, 'UTF8') AS data
	FROM {schema}.events e JOIN {schema}.kinds k ON k.kind = e.kind;

-- The month (UTC) of a moment, as a partition. What nobody should send, before
-- 2000 and from 2100, has one each, so that wrong clocks cannot make thousands.
CREATE FUNCTION {schema}.partition_of(moment bigint, OUT name text, OUT low bigint, OUT high bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $bizmetrics$
DECLARE
	month timestamp;
BEGIN
	IF moment < 946684800000000 THEN
		name := 'events_before_2000';
		low := 0;
		high := 946684800000000;
	ELSIF moment >= 4102444800000000 THEN
		name := 'events_since_2100';
		low := 4102444800000000;
		high := 9223372036854775807;
	ELSE
		month := date_trunc('month', to_timestamp(moment / 1000000) AT TIME ZONE 'UTC');
		name := 'events_' || to_char(month, 'YYYY_MM');
		low := extract(epoch FROM month)::bigint * 1000000;
		high := extract(epoch FROM month + interval '1 month')::bigint * 1000000;
	END IF;
END
$bizmetrics$;

-- Makes the partitions of some moments. It runs with its owner's rights, so
-- that a role which may only read and write needs no more. A table that is
-- attached locks out no reader; one created as a partition would.
CREATE FUNCTION {schema}.make_partitions(moments bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $bizmetrics$
DECLARE
	p record;
BEGIN
	FOR p IN SELECT DISTINCT of.name, of.low, of.high FROM unnest(moments) AS m (at), {schema}.partition_of(m.at) AS of LOOP
		IF to_regclass(format('%I.%I', {name}, p.name)) IS NULL THEN
			EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.events INCLUDING ALL)', {name}, p.name);
			EXECUTE format('ALTER TABLE %1$I.events ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%3$s) TO (%4$s)',
				{name}, p.name, p.low, p.high);
		END IF;
	END LOOP;
END
$bizmetrics$;

-- Drops the oldest partition that ends before a moment, if there is one, and
-- tells from which moment on events are kept.
CREATE FUNCTION {schema}.drop_partition(before bigint, OUT dropped boolean, OUT kept_from bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $bizmetrics$
DECLARE
	oldest record;
BEGIN
	SELECT c.relname, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''?([0-9]+)''?\)'))[1]::bigint AS high
		INTO oldest
		FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = to_regclass(format('%I.events', {name}))
		ORDER BY high LIMIT 1;
	dropped := oldest.high IS NOT NULL AND oldest.high <= before;
	IF dropped THEN
		EXECUTE format('DROP TABLE %I.%I', {name}, oldest.relname);
	END IF;
	kept_from := (SELECT of.low FROM {schema}.partition_of(before) AS of);
END
$bizmetrics$;

REVOKE ALL ON FUNCTION {schema}.make_partitions(bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION {schema}.drop_partition(bigint) FROM PUBLIC;
