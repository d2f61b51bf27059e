package contender

import (
	"context"
	"net/http"

	"resty.dev/v3"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
)

// newResty is the call with resty, which decodes into the floor's types. Its warnings are off, of which plain
// HTTP gets one for every call: true stands for disabled.
func newResty(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client := resty.New()
	if transport != nil {
		client = resty.NewWithClient(&http.Client{Transport: transport})
	}
	client.SetBaseURL(baseURL).SetAuthToken(token).SetLoggerWarnLevel(true)
	return func(ctx context.Context) (string, error) {
		var reply customerReply
		var conflict conflictReply
		resp, err := client.R().
			SetContext(ctx).
			SetBody(plainRequest()).
			SetResult(&reply).
			SetResultError(&conflict).
			Post(canned.Path)
		if err != nil {
			return "", err
		}
		switch resp.StatusCode() {
		case http.StatusOK:
			return reply.Data.ID, nil
		case http.StatusConflict:
			return conflict.Details.MeldCustomerID, nil
		}
		return "", unexpected(resp.StatusCode())
	}, nil
}
