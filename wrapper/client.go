package portal

import (
	"errors"
	"fmt"
	"os"
)

// A Client calls the Portal Client API for one end user. It is safe for concurrent use. Make one with
// [New], and one for each further end user with [Client.WithTokenSource].
type Client struct {
	sender *sender
}

// New returns a client that authenticates with the tokens of ts. A nil ts makes the client of a process that acts for
// many end users: its own calls fail with [ErrTokenSource], those of [Client.WithTokenSource] share everything else.
// New fails when an option is not valid; it does not touch the network and does not ask for a token.
func New(ts TokenSource, opts ...Option) (*Client, error) {
	s, err := newSender(ts, opts)
	if err != nil {
		return nil, err
	}
	return &Client{s}, nil
}

// NewFromEnv is [New] with the token in PORTAL_CLIENT_TOKEN and, if it is set, the base URL in PORTAL_BASE_URL. Options
// win over the environment. It fails as New does, and when there is no token or one that cannot be sent.
func NewFromEnv(opts ...Option) (*Client, error) {
	token := os.Getenv("PORTAL_CLIENT_TOKEN")
	if token == "" {
		return nil, errors.New("portal: PORTAL_CLIENT_TOKEN is not set: it must hold a Client API Key or a Client Session Token")
	}
	if err := checkToken(token); err != nil {
		return nil, fmt.Errorf("portal: PORTAL_CLIENT_TOKEN: %s", unprefixed(err))
	}
	if baseURL := os.Getenv("PORTAL_BASE_URL"); baseURL != "" {
		opts = append([]Option{WithBaseURL(baseURL)}, opts...)
	}
	return New(StaticToken(token), opts...)
}

// WithTokenSource returns a client for another end user. It shares everything else with c: connections,
// settings, the retry quota. It costs a few dozen bytes, so make one for each request if you like. With a nil ts its
// calls fail with [ErrTokenSource].
func (c *Client) WithTokenSource(ts TokenSource) *Client {
	return &Client{&sender{c.sender.settings, func() TokenSource { return ts }}}
}

// With returns a client for the same end user with some options changed, such as a longer timeout or no retries. It
// shares the rest with c: connections, unless the option is [WithHTTPClient], and the retry quota. It fails when an
// option is not valid.
func (c *Client) With(opts ...Option) (*Client, error) {
	s, err := c.sender.with(opts)
	if err != nil {
		return nil, err
	}
	return &Client{s}, nil
}
