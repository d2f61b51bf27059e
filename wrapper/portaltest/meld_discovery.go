package portaltest

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
)

// filters are the parameters that all discovery operations share. A list that is not given filters nothing.
type filters struct {
	countries, providers, statuses, categories, fiats, chains, cryptos, methods []string
	onlyConfigured                                                              bool
}

func (c *call) filters() filters {
	f := filters{
		countries:      c.list("countries"),
		providers:      c.list("serviceProviders"),
		statuses:       c.list("statuses"),
		categories:     c.list("categories"),
		fiats:          c.list("fiatCurrencies"),
		chains:         c.list("cryptoChains"),
		cryptos:        c.list("cryptoCurrencies"),
		methods:        c.list("paymentMethodTypes"),
		onlyConfigured: c.Query.Get("accountFilter") == "true",
	}
	// Nobody knows which of the two names Portal obeys. The fake obeys both; sent together, they must agree.
	if one := c.Query.Get("countryCode"); one != "" {
		if f.countries == nil || slices.Contains(f.countries, one) {
			f.countries = []string{one}
		} else {
			f.countries = []string{"none"}
		}
	}
	if f.statuses == nil {
		f.statuses = []string{"LIVE", "RECENTLY_ADDED"}
	}
	return f
}

// list reads a comma list; nil when there is none.
func (c *call) list(name string) []string {
	if text := c.Query.Get(name); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}

func (f filters) pass(o offer) bool {
	in := func(list []string, codes ...string) bool {
		return list == nil || slices.ContainsFunc(codes, func(code string) bool { return code != "" && slices.Contains(list, code) })
	}
	fiatCode, methodCode, methodKind := "", "", ""
	if o.category != transfer {
		fiatCode, methodCode, methodKind = o.fiat.code, o.method.code, o.method.kind
	}
	return in(f.countries, o.country.code) && in(f.providers, o.provider.code) && in(f.statuses, o.provider.status) &&
		in(f.categories, o.category) && in(f.fiats, fiatCode) && in(f.chains, o.crypto.chain) &&
		in(f.cryptos, o.crypto.code) && in(f.methods, methodCode, methodKind) &&
		(!f.onlyConfigured || o.provider.configured)
}

// offered lists the offers that pass.
func (f filters) offered() []offer {
	var all []offer
	for _, o := range offers() {
		if f.pass(o) {
			all = append(all, o)
		}
	}
	return all
}

// discover answers with the entries of a table that some offer uses, in the order of the table. item gets
// the offers that use an entry.
func discover[T any](c *call, table []T, of func(offer) *T, item func(*T, []offer) object) reply {
	uses := map[*T][]offer{}
	for _, o := range c.filters().offered() {
		if entry := of(o); entry != nil {
			uses[entry] = append(uses[entry], o)
		}
	}
	items := []any{}
	for i := range table {
		if used := uses[&table[i]]; len(used) > 0 {
			items = append(items, item(&table[i], used))
		}
	}
	return dataReply(items)
}

// detailed adds what each provider calls an entry, if the request asks for it.
func detailed(c *call, code string, used []offer, item object) object {
	if c.Query.Get("includeServiceProviderDetails") == "true" {
		names := object{}
		for _, o := range used {
			names[o.provider.code] = strings.ToLower(code)
		}
		item["serviceProviderDetails"] = names
	}
	return item
}

func image(kind, code string) string {
	return "https://images.example.com/" + kind + "/" + code + ".svg"
}

func (m *Meld) getServiceProviders(c *call) reply {
	return discover(c, providers, func(o offer) *provider { return o.provider }, func(p *provider, _ []offer) object {
		statuses := object{}
		for _, category := range p.categories {
			statuses[category] = p.status
		}
		site := "https://" + strings.ToLower(p.code) + ".example.com"
		return object{
			"serviceProvider": p.code, "name": p.name, "status": p.status,
			"categories": p.categories, "categoryStatuses": statuses,
			"websiteUrl": site, "customerSupportUrl": site + "/support",
			"logos": object{
				"dark": image("providers", p.code+"-dark"), "light": image("providers", p.code+"-light"),
				"darkShort": image("providers", p.code+"-dark-short"), "lightShort": nil,
			},
		}
	})
}

func (m *Meld) getCountries(c *call) reply {
	return discover(c, countries, func(o offer) *country { return o.country }, func(x *country, used []offer) object {
		var regions []any // null where they do not matter
		for _, r := range x.regions {
			code, name, _ := strings.Cut(r, " ")
			regions = append(regions, object{"regionCode": code, "name": name})
		}
		return detailed(c, x.code, used, object{
			"countryCode": x.code, "name": x.name, "flagImageUrl": image("flags", x.code), "regions": regions,
		})
	})
}

func (m *Meld) getFiatCurrencies(c *call) reply {
	return discover(c, fiats, func(o offer) *fiat { return o.fiat }, func(x *fiat, used []offer) object {
		return detailed(c, x.code, used, object{
			"currencyCode": x.code, "name": x.name, "symbolImageUrl": image("symbols", x.code),
		})
	})
}

func (m *Meld) getCryptoCurrencies(c *call) reply {
	return discover(c, cryptos, func(o offer) *crypto { return o.crypto }, func(x *crypto, used []offer) object {
		item := object{
			"currencyCode": x.code, "name": x.name, "chainCode": x.chain, "chainName": x.chainName,
			"chainId": nil, "symbolImageUrl": image("symbols", x.code),
		}
		if x.chainID != "" {
			item["chainId"] = x.chainID
		}
		if x.contract != "" {
			item["contractAddress"] = x.contract
		}
		return detailed(c, x.code, used, item)
	})
}

func (m *Meld) getPaymentMethods(c *call) reply {
	return discover(c, methods, func(o offer) *method { return o.method }, func(x *method, used []offer) object {
		return detailed(c, x.code, used, object{
			"paymentMethod": x.code, "name": x.name, "paymentType": x.kind,
			"logos": object{"dark": nil, "light": image("methods", x.code)},
		})
	})
}

func (m *Meld) getDefaults(c *call) reply {
	return discover(c, countries, func(o offer) *country { return o.country }, func(x *country, _ []offer) object {
		return object{"countryCode": x.code, "defaultCurrencyCode": x.currency, "defaultPaymentMethods": x.methods[:2]}
	})
}

// limits are the least and the most of one provider.
func (p *provider) limits(lowest, most string) (low, high *big.Rat) {
	return times(amount(lowest), amount(p.narrow)), divided(amount(most), amount(p.narrow))
}

// widest spans the limits of all providers among the offers, and of each.
func widest(used []offer, lowest, most string) (low, high *big.Rat, each object) {
	each = object{}
	for _, o := range used {
		l, h := o.provider.limits(lowest, most)
		each[o.provider.code] = object{"minimumAmount": number(l), "maximumAmount": number(h)}
		if low == nil || l.Cmp(low) < 0 {
			low = l
		}
		if high == nil || h.Cmp(high) > 0 {
			high = h
		}
	}
	return low, high, each
}

func limitItem(c *call, code string, usual any, used []offer, lowest, most string) object {
	low, high, each := widest(used, lowest, most)
	item := object{
		"currencyCode": code, "defaultAmount": usual,
		"minimumAmount": number(low), "maximumAmount": number(high),
	}
	if c.Query.Get("includeDetails") == "true" {
		item["meldDetails"] = object{"minimumAmount": json.Number(lowest), "maximumAmount": json.Number(most)}
		item["accountDetails"] = nil
		item["serviceProviderDetails"] = each
	}
	return item
}

func (m *Meld) getBuyLimits(c *call) reply {
	buys := func(o offer) *fiat {
		if o.category != onramp {
			return nil
		}
		return o.fiat
	}
	return discover(c, fiats, buys, func(x *fiat, used []offer) object {
		return limitItem(c, x.code, json.Number(x.usual), used, x.lowest, x.most)
	})
}

func (m *Meld) getSellLimits(c *call) reply {
	sells := func(o offer) *crypto {
		if o.category != offramp {
			return nil
		}
		return o.crypto
	}
	return discover(c, cryptos, sells, func(x *crypto, used []offer) object {
		item := limitItem(c, x.code, nil, used, x.lowest, x.most)
		item["chainCode"] = x.chain
		return item
	})
}

// getKycLimits answers in the spelling of Portal's SDK, or in Meld's with an option.
func (m *Meld) getKycLimits(c *call) reply {
	suffix := "Limit"
	if m.h.config.meld.MeldSpelling {
		suffix = ""
	}
	return discover(c, fiats, func(o offer) *fiat { return o.fiat }, func(x *fiat, _ []offer) object {
		tier := func(factor string) object {
			unit := times(amount(x.usual), amount(factor))
			return object{
				"transaction" + suffix: number(unit),
				"daily" + suffix:       number(times(unit, amount("2"))),
				"weekly" + suffix:      number(times(unit, amount("6"))),
				"monthly" + suffix:     number(times(unit, amount("20"))),
				"yearly" + suffix:      nil,
			}
		}
		item := object{"currencyCode": x.code, "level1": tier("1"), "level2": tier("5"), "level3": tier("25")}
		if c.Query.Get("includeDetails") == "true" {
			item["accountDetails"] = nil
			item["serviceProviderDetails"] = object{}
		}
		return item
	})
}
