package contract

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// TestEnsureMeldCustomer: every documented reply to the create. When that says no ID, the customer is looked
// up, and found.
func TestEnsureMeldCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	plan := d.requestPlan()
	d.server.prepare(d.get, reply{http.StatusOK, jsonHeader(),
		[]byte(`{"data":{"customers":[{"id":"found","accountId":"a","externalId":"e"}],"count":1,"remaining":0}}`)})
	d.eachReply(t, d.create, func(t *testing.T, s *replySpec) {
		sent, req := d.request(t, plan)
		ensured, err := d.client.EnsureMeldCustomer(t.Context(), req)
		a := d.arrived(t, d.create)
		require.Empty(t, sent.Diff([]byte(a.body)))
		created, existing := s.sent.Text("/data/id"), s.sent.Text("/details/meldCustomerId")
		switch {
		case s.status == http.StatusOK && created != "":
			require.NoError(t, err)
			require.Equal(t, created, ensured.ID)
			require.True(t, ensured.Created)
			requireCustomer(t, s.sent, "/data", ensured.Customer)
		case s.status == http.StatusConflict && existing != "":
			require.NoError(t, err)
			require.Equal(t, portal.EnsuredMeldCustomer{ID: existing}, ensured)
		case s.status == http.StatusOK, s.status == http.StatusConflict:
			d.arrived(t, d.get)
			require.NoError(t, err)
			require.Equal(t, "found", ensured.ID)
			require.Equal(t, "found", ensured.Customer.ID)
			require.Equal(t, s.status == http.StatusOK, ensured.Created)
		default:
			requireAPIError(t, err, d.create, s, a)
			require.Zero(t, ensured)
		}
		require.Empty(t, d.server.arrived, "one question too many")
	})
}

// TestEnsureMeldCustomerLooksUp: a 409 without an ID, and every documented reply to the question that
// follows.
func TestEnsureMeldCustomerLooksUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.server.prepare(d.create, reply{http.StatusConflict, jsonHeader(), []byte(`{"error":"exists"}`)})
	d.eachReply(t, d.get, func(t *testing.T, s *replySpec) {
		ensured, err := d.client.EnsureMeldCustomer(t.Context(), nil)
		d.arrived(t, d.create)
		d.arrived(t, d.get)
		if id := s.sent.Text(firstFound + "/id"); id != "" {
			require.NoError(t, err)
			require.Equal(t, id, ensured.ID)
			require.False(t, ensured.Created)
			requireCustomer(t, s.sent, firstFound, ensured.Customer)
			return
		}
		require.Zero(t, ensured)
		require.ErrorIs(t, err, portal.ErrConflict)
		require.ErrorIs(t, err, s.failure())
	})
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }
