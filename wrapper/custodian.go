package portal

import (
	"context"

	"github.com/portalclient/portal-client-go/api"
)

// A Custodian calls Portal's custodian API, with the Portal API Key of your organisation: it creates clients, which
// are your end users, and gives out the Client Session Tokens that a [Client] is used with. It is for back ends; the
// key must never leave yours. It is safe for concurrent use. Make one with [NewCustodian].
type Custodian struct {
	sender *sender
}

// NewCustodian returns a custodian that authenticates with apiKey. It takes the options of [New], and shares
// connections with the clients of this process. It fails when an option is not valid, and does not touch the network.
func NewCustodian(apiKey TokenSource, opts ...Option) (*Custodian, error) {
	s, err := newSender(apiKey, opts)
	if err != nil {
		return nil, err
	}
	return &Custodian{s}, nil
}

// Sessions returns the token source of one of your clients, for [Client.WithTokenSource]: it asks for a Client Session
// Token (createClientSession) when one is first needed, and again after the API refused it. It is a
// [CachedTokenSource]: however many goroutines wait, there is one request. Keep it as long as you serve that client;
// a new one asks again.
func (c *Custodian) Sessions(clientID string) TokenSource {
	return CachedTokenSource(TokenFunc(func(ctx context.Context) (string, error) {
		session, err := c.CreateClientSession(ctx, clientID, &api.CreateClientSessionRequest{})
		if err != nil {
			return "", err
		}
		return session.ClientSessionToken, nil
	}))
}
