package portaltest

import (
	"slices"
	"sync"
)

// The world that discovery, quotes and widgets know. Countries, currencies and payment methods are real;
// the providers, their prices and their limits are made up, so that no one takes them for anybody's offer.
// Amounts are decimals in text: nothing here passes through a float.

type country struct {
	code, name, currency string
	methods              []string // the first is the default
	regions              []string // "CA California"; none where they do not matter
}

type fiat struct {
	code, name   string
	perUSD       string // how many of it are one US dollar
	lowest, most string // of a purchase, before what a provider makes of it
	usual        string
}

type crypto struct {
	code, name, chain, chainName, chainID, contract string
	usd                                             string // price of one in US dollars
	decimals                                        int    // digits after the point that a payout has
	network                                         string // fee of the chain in US dollars
	lowest, most                                    string // of a sale
}

type method struct {
	code, name, kind string
	buyOnly          bool
}

type provider struct {
	code, name, status string
	configured         bool     // for the Meld account; see accountFilter
	categories         []string // what it does
	countries          []string
	notIn              []string // regions, as "US-NY"
	fiats              []string
	methods            []string
	cryptos            []string
	percent            string // its own fee, in percent of the fiat amount
	spread             string // its price of a coin, as a factor of the market's
	narrow             string // its limits: the lowest times, the most divided by this
	lowKYC             bool
}

// What a provider may do, as Meld calls it.
const (
	onramp   = "CRYPTO_ONRAMP"
	offramp  = "CRYPTO_OFFRAMP"
	transfer = "CRYPTO_TRANSFER"
)

var countries = []country{
	{"BR", "Brazil", "BRL", []string{"PIX", "CREDIT_DEBIT_CARD"}, nil},
	{"CA", "Canada", "CAD", []string{"INTERAC", "CREDIT_DEBIT_CARD", "APPLE_PAY"}, []string{"AB Alberta", "BC British Columbia", "ON Ontario", "QC Quebec"}},
	{"DE", "Germany", "EUR", []string{"SEPA", "CREDIT_DEBIT_CARD", "APPLE_PAY"}, nil},
	{"FR", "France", "EUR", []string{"SEPA", "CREDIT_DEBIT_CARD", "APPLE_PAY"}, nil},
	{"GB", "United Kingdom", "GBP", []string{"FASTER_PAYMENTS", "CREDIT_DEBIT_CARD", "APPLE_PAY"}, nil},
	{"US", "United States", "USD", []string{"CREDIT_DEBIT_CARD", "APPLE_PAY", "ACH"}, []string{"CA California", "NY New York", "TX Texas", "WA Washington"}},
}

var fiats = []fiat{
	{"BRL", "Brazilian Real", "5", "100", "50000", "1000"},
	{"CAD", "Canadian Dollar", "1.25", "25", "12500", "250"},
	{"EUR", "Euro", "0.8", "20", "10000", "200"},
	{"GBP", "Pound Sterling", "0.75", "20", "10000", "200"},
	{"USD", "US Dollar", "1", "20", "10000", "200"},
}

var cryptos = []crypto{
	{"BTC", "Bitcoin", "BTC", "Bitcoin", "", "", "60000", 8, "3.5", "0.0005", "2"},
	{"ETH", "Ethereum", "ETH", "Ethereum", "1", "", "3000", 8, "1.2", "0.01", "40"},
	{"ETH_BASE", "Ethereum (Base)", "BASE", "Base", "8453", "", "3000", 8, "0.05", "0.01", "40"},
	{"SOL", "Solana", "SOLANA", "Solana", "101", "", "150", 8, "0.01", "0.2", "800"},
	{"USDC", "USD Coin", "ETH", "Ethereum", "1", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "1", 6, "1.5", "25", "100000"},
	{"USDC_BASE", "USD Coin (Base)", "BASE", "Base", "8453", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "1", 6, "0.05", "25", "100000"},
	{"XRP", "XRP", "XRP", "XRP Ledger", "", "", "0.5", 6, "0.01", "50", "200000"},
}

var methods = []method{
	{"ACH", "Bank transfer (ACH)", "BANK_TRANSFER", false},
	{"APPLE_PAY", "Apple Pay", "MOBILE_WALLET", true},
	{"CREDIT_DEBIT_CARD", "Credit or debit card", "CARD", false},
	{"FASTER_PAYMENTS", "Faster Payments", "BANK_TRANSFER", false},
	{"INTERAC", "Interac e-Transfer", "BANK_TRANSFER", false},
	{"PIX", "Pix", "BANK_TRANSFER", false},
	{"SEPA", "SEPA transfer", "BANK_TRANSFER", false},
}

var providers = []provider{
	{
		code: "ALPHARAMP", name: "Alpha Ramp", status: "LIVE", configured: true, categories: []string{onramp, offramp},
		countries: []string{"BR", "CA", "DE", "FR", "GB", "US"}, fiats: []string{"BRL", "CAD", "EUR", "GBP", "USD"},
		methods: []string{"ACH", "APPLE_PAY", "CREDIT_DEBIT_CARD", "FASTER_PAYMENTS", "INTERAC", "PIX", "SEPA"},
		cryptos: []string{"BTC", "ETH", "ETH_BASE", "SOL", "USDC", "USDC_BASE", "XRP"},
		percent: "2.9", spread: "1.005", narrow: "1",
	},
	{
		code: "COINHARBOR", name: "Coin Harbor", status: "LIVE", configured: true, categories: []string{onramp},
		countries: []string{"CA", "GB", "US"}, notIn: []string{"US-NY", "CA-QC"}, fiats: []string{"CAD", "GBP", "USD"},
		methods: []string{"ACH", "APPLE_PAY", "CREDIT_DEBIT_CARD", "FASTER_PAYMENTS"},
		cryptos: []string{"BTC", "ETH", "USDC", "USDC_BASE"},
		percent: "1.9", spread: "1.01", narrow: "2", lowKYC: true,
	},
	{
		code: "EUROBRIDGE", name: "Eurobridge", status: "LIVE", configured: true, categories: []string{onramp, offramp},
		countries: []string{"DE", "FR", "GB"}, fiats: []string{"EUR", "GBP"},
		methods: []string{"CREDIT_DEBIT_CARD", "FASTER_PAYMENTS", "SEPA"},
		cryptos: []string{"BTC", "ETH", "ETH_BASE", "SOL", "USDC"},
		percent: "1.2", spread: "1.008", narrow: "1",
	},
	{
		code: "PIXPONTE", name: "Pixponte", status: "RECENTLY_ADDED", categories: []string{onramp, offramp},
		countries: []string{"BR"}, fiats: []string{"BRL"}, methods: []string{"PIX"}, cryptos: []string{"BTC", "USDC", "USDC_BASE"},
		percent: "0.9", spread: "1.006", narrow: "1", lowKYC: true,
	},
	{
		code: "NORTHWAY", name: "Northway", status: "BUILDING", categories: []string{onramp},
		countries: []string{"CA", "US"}, fiats: []string{"CAD", "USD"}, methods: []string{"CREDIT_DEBIT_CARD"}, cryptos: []string{"BTC", "ETH"},
		percent: "1.5", spread: "1.004", narrow: "1",
	},
	{
		code: "VAULTLINK", name: "Vaultlink", status: "LIVE", configured: true, categories: []string{transfer},
		countries: []string{"CA", "DE", "FR", "GB", "US"}, cryptos: []string{"BTC", "ETH", "USDC"}, narrow: "1",
	},
}

// An offer is one thing that can be done: with this provider, in this country, with these currencies and
// this way to pay. A transfer has neither fiat nor method.
type offer struct {
	provider *provider
	category string
	country  *country
	fiat     *fiat
	method   *method
	crypto   *crypto
}

// offers lists all that can be done. Discovery, quotes and widgets only ever ask this list, so they cannot
// contradict each other.
var offers = sync.OnceValue(func() []offer {
	var all []offer
	for i := range providers {
		p := &providers[i]
		for _, category := range p.categories {
			for j := range countries {
				c := &countries[j]
				if !slices.Contains(p.countries, c.code) {
					continue
				}
				for _, code := range p.cryptos {
					o := offer{provider: p, category: category, country: c, crypto: find(cryptos, code)}
					all = append(all, o.payments()...)
				}
			}
		}
	}
	return all
})

// payments are the ways to pay for what an offer says so far.
func (o offer) payments() []offer {
	if o.category == transfer {
		return []offer{o}
	}
	if !slices.Contains(o.provider.fiats, o.country.currency) {
		return nil
	}
	o.fiat = find(fiats, o.country.currency)
	var all []offer
	for _, code := range o.country.methods {
		o.method = find(methods, code)
		if slices.Contains(o.provider.methods, code) && (o.category == onramp || !o.method.buyOnly) {
			all = append(all, o)
		}
	}
	return all
}

func (c *country) id() string  { return c.code }
func (f *fiat) id() string     { return f.code }
func (c *crypto) id() string   { return c.code }
func (m *method) id() string   { return m.code }
func (p *provider) id() string { return p.code }

// find is the entry of a table with this code; nil when there is none.
func find[T any, P interface {
	*T
	id() string
}](table []T, code string) *T {
	for i := range table {
		if P(&table[i]).id() == code {
			return &table[i]
		}
	}
	return nil
}
