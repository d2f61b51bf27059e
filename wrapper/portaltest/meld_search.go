package portaltest

import (
	"math/big"
	"slices"
	"time"
)

// searchTransactions lists the client's transactions in the order of their creation. It pages in
// both ways that are known: with limit and offset as Portal's SDK names them, and with limit and before or
// after as Meld does, where the page ends just before a transaction's key or begins just after it. remaining
// counts what a further page in the same direction would find.
func (m *Meld) searchTransactions(c *call) reply {
	found, problems := c.matching()
	before, after := c.Query.Get("before"), c.Query.Get("after")
	if before != "" && after != "" {
		problems = append(problems, "query before: cannot be combined with after")
	}
	limit, offset := c.page()
	first, last := 0, len(found) // the range to page through
	for name, key := range map[string]string{"before": before, "after": after} {
		if key == "" {
			continue
		}
		at := slices.IndexFunc(found, func(t *transaction) bool { return t.Key != nil && *t.Key == key })
		switch {
		case at < 0:
			problems = append(problems, "query "+name+": is not the key of a transaction in this list")
		case name == "before":
			last = at
		default:
			first = at + 1
		}
	}
	if len(problems) > 0 {
		return m.h.badRequest(c.op, problems)
	}
	var page []*transaction
	var remaining int
	if before != "" {
		end := max(last-offset, first)
		begin := max(end-limit, first)
		page, remaining = found[begin:end], begin-first
	} else {
		begin := min(first+offset, last)
		end := min(begin+limit, last)
		page, remaining = found[begin:end], last-end
	}
	list := []any{}
	for _, t := range page {
		list = append(list, *t)
	}
	return dataReply(object{
		"transactions": list, "count": len(list), "remaining": remaining, "totalCount": len(found),
	})
}

// page reads limit and offset.
func (c *call) page() (limit, offset int) {
	return c.integer("limit", max(10, len(c.list("externalSessionIds")))), c.integer("offset", 0)
}

// integer reads a parameter that is a valid integer if it is there: 10, 1e1 and 10.0 are the same. What is
// beyond any list is cut down.
func (c *call) integer(name string, otherwise int) int {
	text := c.Query.Get(name)
	if text == "" {
		return otherwise
	}
	const most = 1 << 30
	if n := amount(text); n.Cmp(big.NewRat(most, 1)) < 0 {
		return int(n.Num().Int64())
	}
	return most
}

// matching applies the filters.
func (c *call) matching() ([]*transaction, []string) {
	var problems []string
	statuses, sessions, from := c.list("status"), c.list("externalSessionIds"), c.list("serviceProviders")
	low, high := c.Query.Get("amountFrom"), c.Query.Get("amountTo")
	day := func(name string) time.Time {
		text := c.Query.Get(name)
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
			if t, err := time.Parse(layout, text); err == nil {
				return t
			}
		}
		if text != "" {
			problems = append(problems, "query "+name+": must be a date or a date and time as in ISO 8601")
		}
		return time.Time{}
	}
	begin, end := day("from"), day("to")
	var found []*transaction
	for _, t := range c.client.meld.transactions {
		created, _ := time.Parse(time.RFC3339, t.CreatedAt)
		external := ""
		if t.ExternalSessionID != nil {
			external = *t.ExternalSessionID
		}
		switch {
		case statuses != nil && !slices.Contains(statuses, t.Status),
			sessions != nil && !slices.Contains(sessions, external),
			from != nil && !slices.Contains(from, t.ServiceProvider),
			low != "" && (t.SourceAmount == nil || amount(t.SourceAmount.String()).Cmp(amount(low)) < 0),
			high != "" && (t.SourceAmount == nil || amount(t.SourceAmount.String()).Cmp(amount(high)) > 0),
			!begin.IsZero() && !created.After(begin),
			!end.IsZero() && !created.Before(end):
		default:
			found = append(found, t)
		}
	}
	// A seeded transaction may be older than those that were there before it.
	slices.SortStableFunc(found, func(a, b *transaction) int {
		x, _ := time.Parse(time.RFC3339, a.CreatedAt)
		y, _ := time.Parse(time.RFC3339, b.CreatedAt)
		return x.Compare(y)
	})
	return found, problems
}
