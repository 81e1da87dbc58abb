package bizmetrics

import (
	"cmp"
	"math"
	"slices"
)

// sharesOf are the largest groups of money, with the rest as "other".
func sharesOf(rows []Row) []Share {
	var whole int64
	all := make([]Share, 0, len(rows))
	for _, row := range rows {
		if row.Money.Minor == 0 {
			continue
		}
		whole += row.Money.Minor
		all = append(all, Share{Name: row.Group[0], Amount: row.Money})
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Amount.Minor, a.Amount.Minor), cmp.Compare(a.Name, b.Name))
	})
	if len(all) > topShares {
		rest := Share{Name: "other", Amount: Money{Currency: all[0].Amount.Currency}}
		for _, s := range all[topShares-1:] {
			rest.Amount.Minor += s.Amount.Minor
		}
		all = append(all[:topShares-1], rest)
	}
	for i := range all {
		all[i].Percent = math.NaN()
		if whole > 0 {
			all[i].Percent = 100 * float64(all[i].Amount.Minor) / float64(whole)
		}
	}
	return all
}
