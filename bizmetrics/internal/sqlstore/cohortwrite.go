package sqlstore

// write puts what has changed of customers, of their months and of cohorts.
func (c *cohorts) write() error {
	if err := c.tx.Put(Customers, c.customerRows()); err != nil {
		return err
	}
	months := MakeColumns(CustomerMonths.Columns(), len(c.keys))
	for _, k := range c.keys {
		putCustomerMonth(months, k)
		months.adds(3, c.batch.customers[k][:]...)
	}
	if err := c.tx.Add(CustomerMonths, months); err != nil {
		return err
	}
	rows := MakeColumns(CohortMonths.Columns(), len(c.changes))
	for k, d := range c.changes {
		if *d == (cohortDelta{}) {
			continue
		}
		rows.text(0, k.scope)
		rows.adds(1, k.month, k.cohort)
		rows.adds(3, d.counts[:]...)
		rows.adds(3+cohortCounts, d.sums[:]...)
	}
	return c.tx.Add(CohortMonths, rows)
}

// customerRows are the customers that are new or have changed.
func (c *cohorts) customerRows() Columns {
	rows := MakeColumns(Customers.Columns(), len(c.buyers))
	for b, state := range c.buyers {
		if b.scope == "" {
			state.first = c.first[b.customer]
		}
		state.known = true
		old, cached := c.cache.buyers.get(b)
		if cached && old == state {
			continue
		}
		c.cache.buyers.put(b, state)
		rows.text(0, b.customer)
		rows.text(1, b.scope)
		rows.adds(2, state.first, state.last)
	}
	return rows
}
