package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// An Option changes a default of [New]. Options are checked together: their order does not matter, but of
// two equal ones the later counts.
type Option func(*config) error

// config is what options write to; New checks it and freezes it into settings.
type config struct {
	baseURL        string
	plainHTTP      bool
	httpClient     *http.Client
	log            func(context.Context, *logEntry)
	product        string
	retry          RetryPolicy
	attemptTimeout time.Duration
	maxBody        int64
}

// newSender applies the options to the defaults.
func newSender(ts TokenSource, opts []Option) (*sender, error) {
	s, err := defaultConfig().apply(opts, newRetryQuota())
	if err != nil {
		return nil, err
	}
	return &sender{s, func() TokenSource { return ts }}, nil
}

// with applies the options to what s was made with, for the same end user.
func (s *sender) with(opts []Option) (*sender, error) {
	changed, err := s.config.apply(opts, s.quota)
	if err != nil {
		return nil, err
	}
	return &sender{changed, s.tokens}, nil
}

func (c config) apply(opts []Option, quota *retryQuota) (*settings, error) {
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("portal: an option is nil")
		}
		if err := opt(&c); err != nil {
			return nil, fmt.Errorf("portal: %w", err)
		}
	}
	s, err := c.settings(quota)
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	return s, nil
}

func defaultConfig() config {
	return config{
		baseURL:        defaultBaseURL,
		httpClient:     &http.Client{},
		attemptTimeout: 30 * time.Second,
		maxBody:        1 << 20,
	}
}

// WithBaseURL sends calls to another host, such as a fake API in a test. The default is Portal's production API, as the
// document names it. It must be an https URL without userinfo, query and fragment; http is for loopback hosts, or with
// [WithPlainHTTP]. Credentials go to its scheme, host and port only.
func WithBaseURL(baseURL string) Option {
	return func(c *config) error {
		c.baseURL = baseURL
		return nil
	}
}

// WithPlainHTTP allows a base URL with http for a host that is not loopback. Tokens and personal data then
// cross the network for everyone to read: it is for a private network that encrypts by itself.
func WithPlainHTTP() Option {
	return func(c *config) error {
		c.plainHTTP = true
		return nil
	}
}

// WithHTTPClient sends calls through the Transport of client, for a proxy, for tracing or for tests. The
// client is read once and never changed. Its Timeout, if set, limits each attempt. A nil Transport means
// the shared [NewTransport]. CheckRedirect and Jar are not used: redirects are never followed, and a
// cookie of one end user would be sent for the next.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return errors.New("WithHTTPClient: the client is nil; leave the option out for the default")
		}
		c.httpClient = new(*client) // for Client.With, which may be called later
		return nil
	}
}

// WithLogger logs every attempt at level Debug, or at level Warn when it is repeated: operation, method, status, attempt,
// duration, trace ID, and the wait before a retry. Headers, bodies and query strings are never logged. The default logs
// nothing.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out to log nothing")
		}
		c.log = logTo(logger)
		return nil
	}
}

// WithUserAgent puts product, such as "shop-backend/2.1", before the client's own product in User-Agent.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		for _, b := range []byte(product) {
			if b < ' ' || b > '~' {
				return errors.New("WithUserAgent: the product must be printable ASCII, such as shop-backend/2.1")
			}
		}
		if product == "" {
			return errors.New("WithUserAgent: the product is empty; leave the option out for the default")
		}
		c.product = product
		return nil
	}
}

// WithRetry changes when and how often a request is repeated; see [RetryPolicy].
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) error {
		if policy.MaxAttempts < 0 || policy.BaseDelay < 0 || policy.MaxDelay < 0 || policy.MaxRetryAfter < 0 {
			return errors.New("WithRetry: a field of the policy is negative; leave it zero for its default")
		}
		c.retry = policy
		return nil
	}
}

// WithAttemptTimeout limits each attempt, from asking for the token to the last byte of the body. The
// default is 30 seconds. The whole call, with its retries and waits, is limited by its context alone.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("WithAttemptTimeout: %v is not a positive duration", d)
		}
		c.attemptTimeout = d
		return nil
	}
}

// WithMaxResponseBytes limits the body of a reply. A larger one is cut there and fails the call with
// [ErrResponseTooLarge]. The default is 1 MiB.
func WithMaxResponseBytes(n int64) Option {
	return func(c *config) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseBytes: %d is not a positive size", n)
		}
		c.maxBody = n
		return nil
	}
}
