package portaltest

import (
	"strings"

	"github.com/portalclient/portal-client-go/api"
)

// Meld is the part of the fake that stands for Meld's on- and off-ramp: customers, discovery, quotes, widget
// sessions and transactions. It is reached as the field Meld of a [Server] or [Handler].
//
// An end user has at most one customer. Discovery, quotes and widgets know a small world: six countries, five fiat
// and seven crypto currencies, seven payment methods, and six providers whose names, prices and limits are made up.
// What discovery lists can be quoted, and what is quoted can be opened. In a quote the fees and what is left of the
// amount add up to the last digit. A widget session begins a transaction in PENDING, which moves when a test says
// so: [Meld.AdvanceTransaction], [Meld.SetTransactionStatus].
type Meld struct{ h *Handler }

// MeldOptions change how Meld's operations answer, where nobody knows what the real API does or where a test needs
// the less usual. The zero value is the default.
type MeldOptions struct {
	// SingleCustomer lets getMeldCustomer answer with the customer itself in data, and with 404 when there is
	// none, instead of a search result. Portal's documentation reads like the former, its TypeScript SDK has
	// the latter; code that must not care can be tested against both.
	SingleCustomer bool
	// CustomerNotFound lets getMeldCustomer answer 404 when there is no customer, instead of an empty search
	// result. SingleCustomer includes it.
	CustomerNotFound bool
	// MeldSpelling lets getMeldKycLimits name the limits of a tier daily, weekly and so on, as Meld's
	// reference does, instead of dailyLimit, weeklyLimit and so on, as Portal's TypeScript SDK does.
	MeldSpelling bool
	// StartedLater lets a widget session have no transaction until [Meld.StartTransaction], as when the end
	// user takes a while to begin. The default begins it with the session.
	StartedLater bool
	// AutoAdvance moves a transaction one step on its usual way each time that it was read by its ID or its
	// session: a first read answers PENDING, a second SETTLING, a third SETTLED. It is for clients that cannot
	// call [Meld.AdvanceTransaction], such as those in other languages.
	AutoAdvance bool
}

// WithMeld sets the options of Meld's operations.
func WithMeld(options MeldOptions) Option {
	return func(c *config) error {
		c.meld = options
		return nil
	}
}

// meldState is what Meld knows of a client.
type meldState struct {
	customer     *api.MeldCustomer
	customerID   string // of a customer that is yet to be made
	sessions     []*session
	transactions []*transaction // in the order in which they came
}

const meldPath = "/clients/me/integrations/meld"

func newMeld(h *Handler) *Meld {
	m := &Meld{h}
	for path, do := range map[string]work{
		"POST /customers":                               m.createCustomer,
		"GET /customers":                                m.getCustomer,
		"GET /discovery/service-providers":              m.getServiceProviders,
		"GET /discovery/countries":                      m.getCountries,
		"GET /discovery/fiat-currencies":                m.getFiatCurrencies,
		"GET /discovery/crypto-currencies":              m.getCryptoCurrencies,
		"GET /discovery/payment-methods":                m.getPaymentMethods,
		"GET /discovery/defaults":                       m.getDefaults,
		"GET /discovery/buy-limits":                     m.getBuyLimits,
		"GET /discovery/sell-limits":                    m.getSellLimits,
		"GET /discovery/kyc-limits":                     m.getKycLimits,
		"POST /retail/quote":                            m.getQuote,
		"POST /retail/widget":                           m.createWidget,
		"GET /retail/transactions":                      m.searchTransactions,
		"GET /retail/transactions/{id}":                 m.getTransaction,
		"GET /retail/transactions/sessions/{sessionId}": m.getTransactionBySession,
	} {
		method, rest, _ := strings.Cut(path, " ")
		h.serve(method, meldPath+rest, do)
	}
	return m
}

// refused says what the document has against data in the reply of an operation.
func (m *Meld) refused(method, path string, data any) []string {
	op := m.h.doc.At(method, meldPath+path)
	if op == nil {
		return nil
	}
	_, problems := m.h.reply(op, op.Success(), object{"data": data})
	return problems
}
