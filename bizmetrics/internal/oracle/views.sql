-- Each event counts once: the first to arrive with its ID.
create table orders as select distinct on (id, status) * from arrived_orders order by id, status, seq;
create table refunds as select distinct on (id) * from arrived_refunds order by id, seq;
create table payments as select distinct on (id) * from arrived_payments order by id, seq;
create table responses as select distinct on (id) * from arrived_responses order by id, seq;
create table offers as select distinct on (id) * from arrived_offers order by id, seq;
create table deliveries as select distinct on (id) * from arrived_deliveries order by id, seq;
create table answers as select distinct on (id) * from arrived_answers order by id, seq;
create table users as select distinct on (id, action) * from arrived_users order by id, action, seq;
create table features as select distinct on (id) * from arrived_features order by id, seq;
create table costs as select distinct on (id, kind) * from arrived_costs order by id, kind, seq;
create table commissions as select distinct on (id) * from arrived_commissions order by id, seq;

create table placed as select * from orders where status = 'placed';
create unique index on placed (id);
analyze;

-- The month in which a customer first ordered follows from this: of anybody
-- (of is null), and of each tenant.
create table customers as
select null::text as of, customer, min(at) as first_order from placed where customer <> '' group by customer
union all select tenant, customer, min(at) from placed where customer <> '' group by tenant, customer;
create unique index on customers (customer, of);

-- What revenue is made of. A placed order adds; a refund takes off at most what
-- its order still counts, a cancellation all of that, in order of time (of one
-- moment the refund first); without the order a refund takes off all of itself.
create table movements as
with off as (
	select at, 0 as last, id, order_id, value, currency, tenant, 'refunded' as status, '' as customer, '' as supplier from refunds
	union all
	select at, 1, id, id, null, currency, tenant, 'cancelled', customer, supplier from orders where status = 'cancelled'
), counted as (
	select off.*, p.id is not null as known, p.value as total, p.currency as order_currency,
		coalesce(p.customer, off.customer) as of_customer, coalesce(p.supplier, off.supplier) as of_supplier,
		coalesce(off.value, p.value, 0) as amount,
		sum(coalesce(off.value, p.value, 0)) over (
			partition by off.order_id order by off.at, off.last, off.id collate "C" rows unbounded preceding) as so_far
	from off left join placed p on p.id = off.order_id
)
select at, status, value, customer, supplier, currency, tenant from placed
union all
select at, status, case when known then least(total, so_far - amount) - least(total, so_far) else -amount end,
	of_customer, of_supplier, coalesce(nullif(currency, ''), order_currency, ''), tenant
from counted;

-- What belongs to an order is of its customer and supplier.
create table paid as
select p.*, coalesce(o.customer, '') as customer, coalesce(o.supplier, '') as supplier, coalesce(nullif(p.method, ''), 'unknown') as by_method,
	case when p.succeeded then 'succeeded' when p.declined then 'declined' else 'failed' end as status
from payments p left join placed o on o.id = p.order_id;
create table goods as
select c.*, coalesce(o.customer, '') as customer, coalesce(o.supplier, '') as supplier
from costs c left join placed o on o.id = c.order_id where c.kind = 'goods';
create table earned as
select c.at, c.value, c.currency, c.tenant, coalesce(o.customer, '') as customer, coalesce(o.supplier, c.supplier) as supplier
from commissions c left join placed o on o.id = c.order_id;
create table stages as -- of orders
select s.at, s.status, s.value, s.tenant, coalesce(o.customer, s.customer) as customer, coalesce(o.supplier, s.supplier) as supplier,
	coalesce(nullif(s.currency, ''), o.currency, '') as currency
from orders s left join placed o on o.id = s.id;

-- Who was there; without an ID nobody.
create table seen as
select at, customer, supplier, tenant from stages
union all select at, customer, '', tenant from answers
union all select at, customer, '', tenant from users
union all select at, customer, '', tenant from features;

create index on placed (at);
create index on movements (at);
create index on paid (at);
create index on seen (at);
create index on stages (at);
create index on responses (at);
create index on features (at);
create index on goods (at);
create index on earned (at);
analyze;
