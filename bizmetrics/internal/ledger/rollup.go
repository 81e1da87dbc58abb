package ledger

// What a store has added up, and not as facts, goes into a Collector by these.

// SumOfParts is hi * 2^32 + lo: how a database adds up in two columns what does
// not fit one.
func SumOfParts(hi, lo int64) Sum {
	return Sum{hi: hi >> 32, lo: uint64(hi) << 32}.Plus(SumOf(lo))
}

// step is the total that f belongs to; nil: q does not ask for it.
func (c *Collector) stepOf(f *Fact) *total {
	if !c.Metric.Kinds.Has(f.Kind) {
		return nil
	}
	for g, want := range c.Q.Filter {
		if c.group(f, g) != want {
			return nil
		}
	}
	i := c.Step(f.At)
	if i < 0 {
		return nil
	}
	return &c.groupOf(f).Steps[i]
}

// AddUsers counts n distinct users of f's step and group, returning of whom
// were in the step before too. Nobody may be counted twice.
func (c *Collector) AddUsers(f Fact, n, returning int64) {
	if t := c.stepOf(&f); t != nil {
		t.Summed += n
		t.returned += returning
	}
}

// AddValues adds the amounts of all placed orders of f's step and group, or of
// a part of them.
func (c *Collector) AddValues(f Fact, v *Values) {
	if t := c.stepOf(&f); t != nil {
		t.n += v.n
		t.bags = append(t.bags, v)
	}
}

// SetQuantile tells the wanted quantile of the values of f's step and group,
// which are all of them, and how many values there are.
func (c *Collector) SetQuantile(f Fact, n, value int64) {
	if t := c.stepOf(&f); t != nil {
		t.n, t.quantile, t.known = n, value, true
	}
}

// SetPartial says that some of what the step at that time needs is gone.
func (c *Collector) SetPartial(at int64) {
	if i := c.Step(at); i >= 0 {
		c.partial[i] = true
	}
}

// Values reports whether the metric needs single amounts.
func (m metricDef) Values() bool { return m.values }
