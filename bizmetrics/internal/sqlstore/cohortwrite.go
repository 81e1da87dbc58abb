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
	rows := MakeColumns(Customers.Columns(), len(c.changed))
	for name, of := range c.known {
		c.cache.customers.put(name, of)
		if _, is := c.changed[name]; !is {
			continue
		}
		rows.text(0, name)
		rows.add(1, of.first(""))
		rows.bytes(2, of.seen.encode())
	}
	return rows
}
