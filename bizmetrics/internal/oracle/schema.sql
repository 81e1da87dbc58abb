-- What arrived, as it arrived: seq is the order of arrival, at the time of the
-- event, given or not.

create function cents(minor bigint, currency text) returns bigint immutable language sql as
$$ select case currency when 'JPY' then minor * 3 / 5 when 'KWD' then minor * 31 / 100 else minor end $$;

create table arrived_orders (
	seq bigint, id text, customer text, supplier text, status text, minor bigint, currency text, tenant text, at timestamptz,
	value bigint generated always as (cents(minor, currency)) stored);
create table arrived_refunds (
	seq bigint, id text, order_id text, minor bigint, currency text, tenant text, at timestamptz,
	value bigint generated always as (cents(minor, currency)) stored);
create table arrived_payments (
	seq bigint, id text, order_id text, method text, minor bigint, currency text, succeeded boolean, declined boolean, tenant text, at timestamptz,
	value bigint generated always as (cents(minor, currency)) stored);
create table arrived_responses (seq bigint, id text, supplier text, nanoseconds bigint, accepted boolean, tenant text, at timestamptz);
create table arrived_offers (seq bigint, id text, supplier text, tenant text, at timestamptz);
create table arrived_deliveries (seq bigint, id text, supplier text, late boolean, tenant text, at timestamptz);
create table arrived_answers (seq bigint, id text, customer text, score int, tenant text, at timestamptz);
create table arrived_users (seq bigint, id text, customer text, action text, referred_by text, tenant text, at timestamptz);
create table arrived_features (seq bigint, id text, customer text, feature text, tenant text, at timestamptz);
create table arrived_costs (
	seq bigint, id text, kind text, channel text, order_id text, minor bigint, currency text, tenant text, at timestamptz,
	value bigint generated always as (cents(minor, currency)) stored);
create table arrived_commissions (
	seq bigint, id text, order_id text, supplier text, minor bigint, currency text, tenant text, at timestamptz,
	value bigint generated always as (cents(minor, currency)) stored);
