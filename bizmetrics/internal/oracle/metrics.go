package oracle

// metric is how a figure is had: what it is of, and what is made of that. The
// source has the columns of the groups that the metric takes.
type metric struct {
	source string
	figure string // count, money, mean, median, p95, users, returning, payments, success, seconds, nps
}

const (
	orderSource    = `select at, value, status, supplier, customer, currency, tenant from movements`
	deliverySource = `select at, supplier, tenant, case when late then 'late' else 'on_time' end as status, not late as good, late as bad from deliveries`
	paymentSource  = `select at, by_method as method, status, currency, supplier, customer, tenant, value, status = 'succeeded' as good, status = 'failed' as bad from paid`
	answerSource   = `select at, customer, tenant, case when score >= 9 then 'promoter' when score >= 7 then 'passive' else 'detractor' end as status, score >= 9 as good, score <= 6 as bad from answers`
)

// metrics are those that Query promises.
var metrics = map[string]metric{
	"revenue":             {orderSource, "money"},
	"gross":               {orderSource + ` where status = 'placed'`, "money"},
	"refunds":             {`select at, -value as value, status, supplier, customer, currency, tenant from movements where status = 'refunded'`, "money"},
	"cancellations":       {`select at, -value as value, status, supplier, customer, currency, tenant from movements where status = 'cancelled'`, "money"},
	"orders":              {`select at, status, supplier, customer, currency, tenant from stages`, "count"},
	"order_value":         {orderSource + ` where status = 'placed'`, "mean"},
	"order_value_median":  {orderSource + ` where status = 'placed'`, "median"},
	"order_value_p95":     {orderSource + ` where status = 'placed'`, "p95"},
	"customers":           {orderSource + ` where status = 'placed'`, "users"},
	"returning_customers": {orderSource + ` where status = 'placed'`, "returning"},
	"cost_of_goods":       {`select at, value, supplier, customer, currency, tenant from goods`, "money"},
	"commission":          {`select at, value, supplier, customer, currency, tenant from earned`, "money"},
	"payments":            {paymentSource, "payments"},
	"payment_success":     {paymentSource, "success"},
	"offers":              {`select at, supplier, tenant, 'offered' as status from offers`, "count"},
	"supplier_response":   {`select at, supplier, tenant, case when accepted then 'accepted' else 'rejected' end as status, nanoseconds from responses`, "seconds"},
	"deliveries":          {deliverySource, "count"},
	"on_time":             {deliverySource, "success"},
	"nps":                 {answerSource, "nps"},
	"active_users":        {`select at, customer, supplier, tenant from seen`, "users"},
	"signups":             {`select at, tenant, case when referred_by <> '' then 'referred' else 'signed_up' end as status from users where action = 'signed_up'`, "count"},
	"invitations":         {`select at, tenant, 'invited' as status from users where action = 'invited'`, "count"},
	"feature_uses":        {`select at, feature, customer, tenant from features`, "count"},
	"feature_users":       {`select at, feature, customer, tenant from features`, "users"},
	"acquisition_cost":    {`select at, value, channel, currency, tenant from costs where kind = 'acquisition'`, "money"},
}

// figures are what is made of the facts of a cell: an amount, a number, and the
// number behind it.
var figures = map[string]string{
	"count":     `null::bigint, count(*)::float8, count(*)`,
	"money":     `sum(value)::bigint, null::float8, count(*)`,
	"mean":      `round(avg(value))::bigint, null::float8, count(*)`,
	"median":    `floor(percentile_cont(0.5) within group (order by value) + 0.5)::bigint, null::float8, count(*)`,
	"p95":       `percentile_disc(0.95) within group (order by value)::bigint, null::float8, count(*)`,
	"users":     `null::bigint, count(distinct nullif(customer, ''))::float8, count(distinct nullif(customer, ''))`,
	"returning": `null::bigint, count(distinct customer) filter (where again)::float8, count(distinct customer) filter (where again)`,
	"payments":  `coalesce(sum(value) filter (where good), 0)::bigint, count(*)::float8, count(*)`,
	"success":   `null::bigint, 100.0::float8 * count(*) filter (where good) / nullif(count(*) filter (where good or bad), 0), count(*) filter (where good or bad)`,
	"seconds":   `null::bigint, (avg(nanoseconds) / 1e9)::float8, count(*)`,
	"nps":       `null::bigint, 100.0::float8 * (count(*) filter (where good) - count(*) filter (where bad)) / count(*), count(*)`,
}

// empty says what the number of a cell without facts is: 0, or not known.
var empty = map[string]bool{"mean": true, "median": true, "p95": true, "success": true, "seconds": true, "nps": true}
