package portal

import (
	"context"
	"errors"
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
// An error ends the iteration: those of [APIError], or one that says that the API repeats a page.
func (c *Client) MeldTransactions(ctx context.Context, params *api.SearchMeldRetailTransactionsParams) iter.Seq2[*api.MeldTransaction, error] {
	return func(yield func(*api.MeldTransaction, error) bool) {
		var page api.SearchMeldRetailTransactionsParams
		if params != nil {
			page = *params
		}
		pager := newTransactionPager(&page)
		for {
			reply, err := Result(c.API().SearchMeldRetailTransactionsWithResponse(ctx, &page))
			if err != nil {
				yield(nil, err)
				return
			}
			fresh := pager.fresh(reply.Data.Transactions)
			for _, transaction := range fresh {
				if !yield(transaction, nil) {
					return
				}
			}
			if len(reply.Data.Transactions) == 0 || reply.Data.Remaining <= 0 {
				return
			}
			if !pager.next(reply.Data.Transactions, len(fresh) > 0) {
				yield(nil, errPagesRepeat)
				return
			}
		}
	}
}

var errPagesRepeat = errors.New("portal: searchMeldRetailTransactions: the API says that there are more transactions, but repeats those it has sent")

// A transactionPager asks for one page after the other.
type transactionPager struct {
	params *api.SearchMeldRetailTransactionsParams
	offset int
	seen   map[string]bool
	byKey  bool // the last page was asked for by key
	noKeys bool // keys did not help
}

func newTransactionPager(params *api.SearchMeldRetailTransactionsParams) *transactionPager {
	p := &transactionPager{params: params, seen: map[string]bool{}, noKeys: params.Offset != nil}
	if params.Offset != nil {
		p.offset = *params.Offset
	}
	return p
}

// fresh returns those transactions of a page that were not on an earlier one.
func (p *transactionPager) fresh(page []api.MeldTransaction) (fresh []*api.MeldTransaction) {
	for i := range page {
		if id := page[i].ID; !p.seen[id] {
			p.seen[id] = true
			fresh = append(fresh, &page[i])
		}
	}
	return fresh
}

// next turns the parameters to the page after this one; false when every way leads to the same page.
func (p *transactionPager) next(page []api.MeldTransaction, progress bool) bool {
	if !progress {
		if !p.byKey {
			return false
		}
		p.noKeys = true // the key was not obeyed
		p.params.After = nil
		p.offset -= len(page)
	}
	p.offset += len(page)
	last := page[len(page)-1].Key
	if p.byKey = !p.noKeys && last != nil && *last != ""; p.byKey {
		p.params.After, p.params.Before, p.params.Offset = last, nil, nil
	} else {
		p.params.After, p.params.Offset = nil, &p.offset
	}
	return true
}
