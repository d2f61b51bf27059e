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
	first := []portal.Option{portal.WithBaseURL(s.url)}
	if s.config.memory {
		first = append(first, portal.WithHTTPClient(s.client))
	}
	c, err := portal.New(portal.StaticToken(token), append(first, opts...)...)
	if err != nil {
		s.t.Fatalf("portaltest: Client: %v", err)
	}
	return c
}
