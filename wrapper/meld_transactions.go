package portal

import (
	"context"
	"iter"

	"github.com/portalclient/portal-client-go/api"
)

// MeldTransactions iterates over the Meld transactions of the end user of this client, page by page
// (searchMeldRetailTransactions, GET /clients/me/integrations/meld/retail/transactions):
//
//	for transaction, err := range client.MeldTransactions(ctx, nil) {
//
// params narrows the search and may be nil; its Limit is the size of a page, and its Offset or After the
// beginning. No transaction comes twice, even when new ones push others to the next page. The next page is
// asked for by the key of the last transaction, as Meld documents it, or else by offset, as Portal's SDK
// does: whichever the API obeys.
//
// An error ends the iteration: those of [APIError], among them [ErrUnusableResponse] when the API repeats a page.
func (c *Client) MeldTransactions(ctx context.Context, params *api.SearchMeldRetailTransactionsParams) iter.Seq2[*api.MeldTransaction, error] {
	return pages(ctx, &opSearchMeldRetailTransactions, func(ctx context.Context) func(string) ([]*api.MeldTransaction, string, error) {
		p := newTransactionPager(params)
		return func(string) ([]*api.MeldTransaction, string, error) {
			for {
				reply, err := c.SearchMeldRetailTransactions(ctx, &p.params)
				if err != nil {
					return nil, "", err
				}
				page := reply.Data.Transactions
				fresh := p.fresh(page)
				if len(page) == 0 || reply.Data.Remaining <= 0 {
					return fresh, "", nil
				}
				if !p.turn(page, len(fresh)) {
					last, _ := capturedIn(ctx)
					return nil, "", opSearchMeldRetailTransactions.newError(last, ErrUnusableResponse, "the API says that there are more transactions, but repeats those it has sent")
				}
				if len(fresh) > 0 {
					return fresh, "next", nil
				}
			}
		}
	})
}

// A transactionPager asks for one page after the other.
type transactionPager struct {
	params api.SearchMeldRetailTransactionsParams
	offset int
	seen   map[string]bool
	byKey  bool // the last page was asked for by key
	noKeys bool // keys did not help
}

func newTransactionPager(params *api.SearchMeldRetailTransactionsParams) *transactionPager {
	p := &transactionPager{seen: map[string]bool{}}
	if params != nil {
		p.params = *params
	}
	if p.params.Offset != nil {
		p.offset, p.noKeys = *p.params.Offset, true
	}
	return p
}

// fresh returns those transactions of a page that were not on an earlier one. One without an ID cannot be known again.
func (p *transactionPager) fresh(page []api.MeldTransaction) (fresh []*api.MeldTransaction) {
	for i := range page {
		if id := page[i].ID; id == "" || !p.seen[id] {
			p.seen[id] = true
			fresh = append(fresh, &page[i])
		}
	}
	return fresh
}

// turn sets the parameters to the page after this one, of which so many were fresh; false when every way leads to the
// same page.
func (p *transactionPager) turn(page []api.MeldTransaction, fresh int) bool {
	switch {
	case p.byKey: // should the key not be obeyed, the page is the first one again, with those that are new
		p.offset += fresh
		p.noKeys = fresh == 0
	case fresh == 0:
		return false
	default:
		p.offset += len(page)
	}
	last := page[len(page)-1].Key
	if p.byKey = !p.noKeys && last != nil && *last != ""; p.byKey {
		p.params.After, p.params.Before, p.params.Offset = last, nil, nil
	} else {
		p.params.After, p.params.Offset = nil, new(p.offset)
	}
	return true
}
