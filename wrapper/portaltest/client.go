package portaltest

import (
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// Client returns a client of package portal that talks to the server with a token, ready to use. Options
// come after those that lead it to the server. It fails the test when the token or an option is not valid.
func (s *Server) Client(token string, opts ...portal.Option) *portal.Client {
	s.t.Helper()
	if !s.wellFormed("Client", token) {
		return nil
	}
	c, err := portal.New(portal.StaticToken(token), s.options(opts)...)
	if err != nil {
		s.t.Fatalf("portaltest: Client: %v", err)
	}
	return c
}

// options lead a client to the server, before those of the test.
func (s *Server) options(opts []portal.Option) []portal.Option {
	first := []portal.Option{portal.WithBaseURL(s.url)}
	if s.config.memory {
		first = append(first, portal.WithHTTPClient(s.client))
	}
	return append(first, opts...)
}

// Custodian returns a custodian of package portal that talks to the server with [CustodianKey], ready to use.
// Options come after those that lead it to the server. It fails the test when an option is not valid.
func (s *Server) Custodian(opts ...portal.Option) *portal.Custodian {
	s.t.Helper()
	c, err := portal.NewCustodian(portal.StaticToken(CustodianKey), s.options(opts)...)
	if err != nil {
		s.t.Fatalf("portaltest: Custodian: %v", err)
	}
	return c
}
