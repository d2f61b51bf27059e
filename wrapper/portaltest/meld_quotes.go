package portaltest

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// partnerPercent is what the made-up Meld account earns from each trade.
const partnerPercent = "0.5"

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// A price is what one offer makes of an amount. Fees are fiat, on whichever side that is.
type price struct {
	offer
	source, sourceNet           *big.Rat
	destination, destinationAll *big.Rat
	fiatNet                     *big.Rat
	rate                        *big.Rat // fiat for one coin
	own, network, partner       *big.Rat
}

func (p price) totalFee() *big.Rat { return plus(p.own, plus(p.network, p.partner)) }

// price computes what an offer makes of an amount; false when nothing is left of it.
func (o offer) price(source *big.Rat) (price, bool) {
	p := price{offer: o, source: source, sourceNet: source}
	market := times(amount(o.crypto.usd), amount(o.fiat.perUSD))
	spread := amount(o.provider.spread)
	p.network = up(times(amount(o.crypto.network), amount(o.fiat.perUSD)), 2)
	fees := func(money *big.Rat) {
		p.own = up(percent(money, amount(o.provider.percent)), 2)
		p.partner = up(percent(money, amount(partnerPercent)), 2)
		p.fiatNet = minus(money, p.totalFee())
	}
	if o.category == onramp {
		p.rate = up(times(market, spread), 6)
		fees(source)
		p.sourceNet = p.fiatNet
		p.destination = down(divided(p.fiatNet, p.rate), o.crypto.decimals)
		p.destinationAll = down(divided(source, p.rate), o.crypto.decimals)
	} else {
		p.rate = down(times(market, minus(amount("2"), spread)), 6)
		p.destinationAll = down(times(source, p.rate), 2)
		fees(p.destinationAll)
		p.destination = p.fiatNet
	}
	return p, p.destination.Sign() > 0
}

// within reports whether a provider takes an amount.
func (o offer) within(source *big.Rat) bool {
	low, high := o.bounds()
	return source.Cmp(low) >= 0 && source.Cmp(high) <= 0
}

// bounds are the limits of what is given: fiat for a purchase, else the coin.
func (o offer) bounds() (low, high *big.Rat) {
	if o.category == onramp {
		return o.provider.limits(o.fiat.lowest, o.fiat.most)
	}
	return o.provider.limits(o.crypto.lowest, o.crypto.most)
}

// A wish is what a quote or a widget session asks for.
type wish struct {
	category, country, region, source, destination, method string
	providers                                              []string
}

// offered lists what meets a wish: one offer for each provider, paid the way that the country prefers.
func (w wish) offered() []offer {
	var all []offer
	for _, o := range offers() {
		from, to := o.currencies()
		seen := slices.ContainsFunc(all, func(other offer) bool { return other.provider == o.provider })
		if seen || o.category != w.category || o.country.code != w.country || o.provider.status == "BUILDING" {
			continue
		}
		if from != w.source || to != w.destination && o.category != transfer {
			continue
		}
		if o.method != nil && w.method != "" && w.method != o.method.code && w.method != o.method.kind {
			continue
		}
		region := w.country + "-" + strings.TrimPrefix(w.region, w.country+"-")
		if len(w.providers) > 0 && !slices.Contains(w.providers, o.provider.code) || slices.Contains(o.provider.notIn, region) {
			continue
		}
		all = append(all, o)
	}
	return all
}

// currencies are what is given and what is received.
func (o offer) currencies() (from, to string) {
	switch o.category {
	case onramp:
		return o.fiat.code, o.crypto.code
	case offramp:
		return o.crypto.code, o.fiat.code
	}
	return o.crypto.code, o.crypto.code
}

// getQuote asks every provider. Null with an error says that nobody does such a thing, an empty
// list with a message that the amount suits nobody: a client must read both as none.
func (m *Meld) getQuote(c *call) reply {
	body := c.value
	w := wish{
		country: text(body, "countryCode"), region: text(body, "subdivision"), method: text(body, "paymentMethodType"),
		source: text(body, "sourceCurrencyCode"), destination: text(body, "destinationCurrencyCode"),
	}
	list, _ := body["serviceProviders"].([]any)
	for _, p := range list {
		w.providers = append(w.providers, p.(string))
	}
	problems := countryProblems("/countryCode", w.country)
	problems = append(problems, c.client.customerProblems(body)...)
	if len(problems) > 0 {
		return m.h.badRequest(c.op, problems)
	}
	w.category = offramp
	if find(fiats, w.source) != nil {
		w.category = onramp
	}
	source := amount(text(body, "sourceAmount"))
	candidates := w.offered()
	if len(candidates) == 0 {
		return dataReply(object{"quotes": nil, "error": "No service provider offers this here", "timestamp": m.h.timestamp()})
	}
	var prices []price
	for _, o := range candidates {
		if p, ok := o.price(source); ok && o.within(source) {
			prices = append(prices, p)
		}
	}
	if len(prices) == 0 {
		return dataReply(object{"quotes": []any{}, "message": "The amount is outside of the limits of every service provider", "timestamp": m.h.timestamp()})
	}
	slices.SortStableFunc(prices, func(a, b price) int { return b.destination.Cmp(a.destination) })
	quotes := make([]any, len(prices))
	for i, p := range prices {
		quotes[i] = p.quote(c.client, i)
	}
	return dataReply(object{"quotes": quotes, "message": nil, "error": nil, "timestamp": m.h.timestamp()})
}

// quote writes a price; place is its place in the list.
func (p price) quote(c *client, place int) object {
	from, to := p.currencies()
	score := 95 - 10*place
	q := object{
		"transactionType":              map[string]string{onramp: "CRYPTO_PURCHASE", offramp: "CRYPTO_SELL"}[p.category],
		"serviceProvider":              p.provider.code,
		"countryCode":                  p.country.code,
		"paymentMethodType":            p.method.code,
		"sourceCurrencyCode":           from,
		"sourceAmount":                 number(p.source),
		"sourceAmountWithoutFees":      number(p.sourceNet),
		"destinationCurrencyCode":      to,
		"destinationAmount":            number(p.destination),
		"destinationAmountWithoutFees": number(p.destinationAll),
		"fiatAmountWithoutFees":        number(p.fiatNet),
		"exchangeRate":                 number(p.rate),
		"transactionFee":               number(p.own),
		"networkFee":                   number(p.network),
		"partnerFee":                   number(p.partner),
		"totalFee":                     number(p.totalFee()),
		"customerScore":                nil,
		"institutionName":              nil,
		"isNativeAvailable":            false,
		"rampIntelligence": object{
			"rampScore": score, "lowKyc": p.provider.lowKYC, "previouslyUsed": c.hasUsed(p.provider.code),
		},
	}
	if p.category == onramp {
		q["customerScore"] = score
	}
	return q
}

// text is a field that is a text or a number; empty when it is missing.
func text(from object, key string) string {
	switch v := from[key].(type) {
	case string:
		return v
	case interface{ String() string }: // json.Number
		return v.String()
	}
	return ""
}

// countryProblems checks what the document says of a country in words only.
func countryProblems(place, code string) []string {
	if countryCode.MatchString(code) {
		return nil
	}
	return []string{place + ": must be an ISO 3166-1 alpha-2 code, such as US"}
}

// customerProblems refuses the Meld customer of somebody else.
func (c *client) customerProblems(body object) []string {
	id := text(body, "customerId")
	if id == "" || id == c.meld.customerID || c.meld.customer != nil && id == c.meld.customer.ID {
		return nil
	}
	return []string{"/customerId: is not the Meld customer of this client"}
}

func (c *client) hasUsed(provider string) bool {
	return slices.ContainsFunc(c.meld.transactions, func(t *transaction) bool { return t.ServiceProvider == provider })
}
