package portal

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"
)

// A sender is the one way to the network, for every method of [Client] and [Custodian] and for the generated
// client of [Client.API] alike.
type sender struct {
	*settings
	tokens func() TokenSource // a function, since fmt would print the fields of a source
}

// settings are what all clients of one New share. They do not change after New.
type settings struct {
	config config // as given, for Client.With

	base     *url.URL // with a slash at the end of its path
	basePath string   // escaped, without that slash

	transport      http.RoundTripper
	attemptTimeout time.Duration
	timeoutCause   error // attemptTimeout as the error that it causes
	maxBody        int64
	log            func(context.Context, *logEntry) // nil when nothing is logged
	retry          RetryPolicy
	quota          *retryQuota

	// Header values that are the same in every request are made once.
	mediaType      []string // application/json
	userAgent      []string
	acceptEncoding []string // nil when the transport asks for compression itself, and undoes it
}

// settings checks a config and turns it into what clients share.
func (cfg config) settings(quota *retryQuota) (*settings, error) {
	base, err := parseBaseURL(cfg.baseURL, cfg.plainHTTP)
	if err != nil {
		return nil, err
	}
	s := &settings{
		config:         cfg,
		base:           base,
		basePath:       strings.TrimSuffix(base.EscapedPath(), "/"),
		transport:      cfg.httpClient.Transport,
		attemptTimeout: cfg.attemptTimeout,
		maxBody:        cfg.maxBody,
		log:            cfg.log,
		retry:          cfg.retry.withDefaults(),
		quota:          quota,
		mediaType:      []string{"application/json"},
		userAgent:      []string{strings.TrimSpace(cfg.product + " portal-client-go/" + version + " " + runtime.Version())},
		acceptEncoding: []string{"identity"}, // without the header, a server may compress as it likes (RFC 9110, 12.5.3)
	}
	if s.transport == nil {
		s.transport = defaultTransport()
	}
	if t, ok := s.transport.(*http.Transport); ok && !t.DisableCompression {
		s.acceptEncoding = nil
	}
	if t := cfg.httpClient.Timeout; t > 0 {
		s.attemptTimeout = min(s.attemptTimeout, t)
	}
	s.timeoutCause = attemptTimeout(s.attemptTimeout)
	return s, nil
}

// invoke makes a call whose success is an object, or anything else that a pointer is returned for.
func invoke[T any](ctx context.Context, s *sender, op *operation, in input) (*T, error) {
	value := new(T)
	if err := s.do(ctx, op, in, value); err != nil {
		return nil, err
	}
	return value, nil
}

// invokeValue makes a call whose success is a list, a map or a scalar.
func invokeValue[T any](ctx context.Context, s *sender, op *operation, in input) (value T, err error) {
	if err := s.do(ctx, op, in, &value); err != nil {
		var none T
		return none, err
	}
	return value, nil
}

// do makes one call and decodes its success; a nil value is for an operation whose success has no JSON body.
func (s *sender) do(ctx context.Context, op *operation, in input, value any) error {
	c := s.newCall(ctx, op, op.class)
	r, err := c.exchange(ctx, in)
	if err != nil {
		return err
	}
	return c.decode(r, value)
}
