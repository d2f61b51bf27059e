package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/internal/contract/instance"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// sentinels are what each status of the documents matches.
var sentinels = map[int]error{
	400: portal.ErrBadRequest, 401: portal.ErrUnauthorized, 403: portal.ErrForbidden, 404: portal.ErrNotFound,
	409: portal.ErrConflict, 429: portal.ErrRateLimited, 500: portal.ErrServer, 503: portal.ErrServer,
}

// A desk is a client and a server for the two operations that the typed methods use.
type desk struct {
	create, get *operation
	server      *server
	client      *portal.Client
	rand        *rand.Rand
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{rand: random(t)}
	for _, op := range operations(t) {
		switch op.spec.OperationID {
		case "createMeldCustomer":
			d.create = op
		case "getMeldCustomer":
			d.get = op
		}
	}
	require.NotNil(t, d.create)
	require.NotNil(t, d.get)
	d.server = newServer(t, d.create, d.get)
	d.client = newClient(t, d.server.URL)
	return d
}

// eachReply runs a check for every documented status of an operation, until every property of its replies
// was there and was not.
func (d *desk) eachReply(t *testing.T, op *operation, check func(t *testing.T, s *replySpec)) {
	t.Helper()
	for _, s := range replySpecs(t, op, d.rand) {
		n := 0
		for ; !s.done(); n++ {
			d.server.prepare(op, s.next(t, d.rand, n))
			check(t, s)
			s.cover()
		}
		require.Empty(t, s.content.plan.Missing())
		t.Logf("%s %s: %d replies", op.name(), s.key, n)
	}
}

// arrived checks the next request: valid, and of this operation.
func (d *desk) arrived(t *testing.T, op *operation) arrival {
	t.Helper()
	a := d.server.take(t)
	require.NoError(t, a.invalid, "%s", a.body)
	require.NoError(t, a.ours)
	require.Equal(t, op.method, a.request.Method)
	return a
}

// request is a random one that the wrapper lets through: the document allows any text as a phone number,
// the wrapper only E.164.
func (d *desk) request(t *testing.T, plan *instance.Plan) (*instance.Instance, *api.MeldCreateCustomerRequest) {
	t.Helper()
	sent, err := plan.Next()
	require.NoError(t, err)
	if object := sent.Value.(map[string]any); object["phone"] != nil {
		object["phone"] = fmt.Sprintf("+1%d", 1+d.rand.IntN(1e9))
	}
	req := new(api.MeldCreateCustomerRequest)
	require.NoError(t, json.Unmarshal(sent.JSON(), req))
	return sent, req
}

func (d *desk) requestPlan() *instance.Plan {
	media := d.create.spec.RequestBody.Value.Content["application/json"]
	return newContent(d.create, "application/json", media, instance.Use{}, d.rand).plan
}

// requireCustomer compares what a typed method returned with the part of the reply that it came from.
func requireCustomer(t *testing.T, sent *instance.Instance, pointer string, got *api.MeldCustomer) {
	t.Helper()
	part, ok := sent.At(pointer)
	require.True(t, ok)
	require.NotNil(t, got)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	require.Empty(t, part.Diff(text), "%s came out as %s", part.JSON(), text)
}

// firstFound is where the answer of getMeldCustomer has the one customer.
const firstFound = "/data/customers/0"

// failure is what GetMeldCustomer makes of a reply without a customer.
func (s *replySpec) failure() error {
	if s.status != http.StatusOK {
		return sentinels[s.status]
	}
	if _, some := s.sent.At(firstFound); some {
		return portal.ErrUnusableResponse // a customer without an ID
	}
	return portal.ErrNotFound
}

// requireAPIError: the status, the sentinel, the body, and no word of the wrong operation.
func requireAPIError(t *testing.T, err error, op *operation, s *replySpec, a arrival) {
	t.Helper()
	want := sentinels[s.status]
	if s.status/100 == 2 {
		want = portal.ErrUnusableResponse
	}
	require.Error(t, want, "teach the test status %d", s.status)
	require.ErrorIs(t, err, want)
	var e *portal.APIError
	require.ErrorAs(t, err, &e)
	require.Equal(t, s.status, e.StatusCode)
	require.Equal(t, op.name(), e.Operation)
	require.Equal(t, a.request.Header.Get("X-Portal-Trace-Id"), e.TraceID)
	require.NotEmpty(t, e.Message)
	require.Empty(t, s.sent.Diff(e.Body))
}

// TestCreateMeldCustomer: every documented reply to CreateMeldCustomer, while its requests go through
// everything that the document allows.
func TestCreateMeldCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	plan := d.requestPlan()
	ask := func(t *testing.T, s *replySpec) {
		sent, req := d.request(t, plan)
		customer, err := d.client.CreateMeldCustomer(t.Context(), req)
		a := d.arrived(t, d.create)
		require.Empty(t, sent.Diff([]byte(a.body)))
		plan.Cover(sent)
		if s.status == http.StatusOK && s.sent.Text("/data/id") != "" {
			require.NoError(t, err)
			requireCustomer(t, s.sent, "/data", customer)
			return
		}
		require.Nil(t, customer)
		requireAPIError(t, err, d.create, s, a)
		id, ok := portal.ExistingMeldCustomerID(err)
		if s.status == http.StatusConflict {
			require.Equal(t, s.sent.Text("/details/meldCustomerId"), id)
		}
		require.Equal(t, id != "", ok)
	}
	d.eachReply(t, d.create, ask)
	for _, s := range replySpecs(t, d.create, d.rand)[:1] {
		for n := 0; !plan.Done(); n++ {
			d.server.prepare(d.create, s.next(t, d.rand, n))
			ask(t, s)
		}
	}
	require.Empty(t, plan.Missing())
}

// TestCreateMeldCustomerWithoutRequest: nil is a valid call, and what it sends is valid too.
func TestCreateMeldCustomerWithoutRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.eachReply(t, d.create, func(t *testing.T, s *replySpec) {
		_, err := d.client.CreateMeldCustomer(t.Context(), nil)
		require.JSONEq(t, "{}", d.arrived(t, d.create).body)
		var e *portal.APIError
		if text := s.sent.Text("/error"); errors.As(err, &e) && s.status/100 != 2 && isPlain(text) {
			require.Equal(t, text, e.Message, "the server's own words")
		}
	})
}

// isPlain: nothing in a text that an error message would have to leave out.
func isPlain(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return s != "" && len(s) < 100
}

// TestGetMeldCustomer: every documented reply to GetMeldCustomer.
func TestGetMeldCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.eachReply(t, d.get, func(t *testing.T, s *replySpec) {
		customer, err := d.client.GetMeldCustomer(t.Context())
		a := d.arrived(t, d.get)
		switch {
		case s.sent.Text(firstFound+"/id") != "":
			require.NoError(t, err)
			requireCustomer(t, s.sent, firstFound, customer)
		case errors.Is(s.failure(), portal.ErrNotFound):
			require.ErrorIs(t, err, portal.ErrNotFound)
			require.Nil(t, customer)
		default:
			requireAPIError(t, err, d.get, s, a)
			require.Nil(t, customer)
		}
	})
}
