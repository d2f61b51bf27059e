package portal

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"

	"github.com/portalclient/portal-client-go/api"
)

// A Client calls the Portal Client API for one end user. It is safe for concurrent use. Make one with
// [New], and one for each further end user with [Client.WithTokenSource].
type Client struct {
	door *door
}

// New returns a client that authenticates with the tokens of ts. It fails when ts is nil or an option is
// not valid; it does not touch the network and does not ask for a token.
func New(ts TokenSource, opts ...Option) (*Client, error) {
	if ts == nil {
		return nil, fmt.Errorf("portal: New: %w", errNoTokenSource)
	}
	cfg := defaultConfig()
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("portal: New: an option is nil")
		}
		if err := opt(&cfg); err != nil {
			return nil, fmt.Errorf("portal: %w", err)
		}
	}
	s, err := freeze(cfg)
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	return &Client{&door{s, func() TokenSource { return ts }}}, nil
}

// NewFromEnv is [New] with the token in PORTAL_CLIENT_TOKEN and, if it is set, the base URL in
// PORTAL_BASE_URL. Options win over the environment.
func NewFromEnv(opts ...Option) (*Client, error) {
	token := os.Getenv("PORTAL_CLIENT_TOKEN")
	if token == "" {
		return nil, errors.New("portal: PORTAL_CLIENT_TOKEN is not set: it must hold a Client API Key or a Client Session Token")
	}
	if err := checkToken(token); err != nil {
		return nil, fmt.Errorf("portal: PORTAL_CLIENT_TOKEN: %w", err)
	}
	if baseURL := os.Getenv("PORTAL_BASE_URL"); baseURL != "" {
		opts = append([]Option{WithBaseURL(baseURL)}, opts...)
	}
	return New(StaticToken(token), opts...)
}

// WithTokenSource returns a client for another end user. It shares everything else with c: connections,
// settings, the retry quota. It costs a few dozen bytes, so make one for each request if you like.
func (c *Client) WithTokenSource(ts TokenSource) *Client {
	return &Client{&door{c.door.settings, func() TokenSource { return ts }}}
}

// API returns the generated client: every operation of the document, through the same door as the methods
// of [Client]. A declared error status arrives in its field (JSON401, …) with a nil error; every other
// failure is an [*APIError]. Pass what it returns to [Result] to have all failures as errors.
//
// The door sets credentials, trace ID and User-Agent after any request editor, and refuses a request that
// an editor sends elsewhere. To keep the status of a reply that does not decode, it decodes each reply once
// before the generated parser does.
func (c *Client) API() *api.ClientWithResponses {
	return &api.ClientWithResponses{ClientInterface: &api.Client{Server: c.door.server, Client: c.door}}
}

// freeze checks a config and turns it into what all clients of one New share.
func freeze(cfg config) (*settings, error) {
	base, err := parseBaseURL(cfg.baseURL, cfg.plainHTTP)
	if err != nil {
		return nil, err
	}
	s := &settings{
		base:           base,
		server:         base.String(),
		transport:      cfg.httpClient.Transport,
		attemptTimeout: cfg.attemptTimeout,
		maxBody:        cfg.maxBody,
		mediaType:      []string{"application/json"},
		userAgent:      []string{strings.TrimSpace(cfg.product + " portal-client-go/" + version + " " + runtime.Version())},
		log:            cfg.log,
		retry:          cfg.retry.withDefaults(),
		quota:          newQuota(),
	}
	if s.transport == nil {
		s.transport = defaultTransport()
	}
	if t := cfg.httpClient.Timeout; t > 0 {
		s.attemptTimeout = min(s.attemptTimeout, t)
	}
	s.timeoutCause = attemptTimeout(s.attemptTimeout)
	s.jsonHeader = http.Header{"Content-Type": s.mediaType}
	s.basePath = strings.TrimSuffix(base.EscapedPath(), "/")
	return s, nil
}
