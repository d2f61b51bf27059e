package portaltest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// In a test of yours, what stands inside inTest is the body of func TestX(t *testing.T).
func ExampleNewServer() {
	inTest(func(t *fakeT) {
		fake := portaltest.NewServer(t)
		fake.Fail("createMeldCustomer", portaltest.DropAfter()) // the work is done, the reply is lost

		ensured, err := fake.Client("jane").EnsureMeldCustomer(t.Context(), nil)

		fmt.Println(err, ensured.ID == fake.Meld.Customers()["jane"].ID)
	})
	// Output: <nil> true
}

func ExampleServer_Client() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		client := srv.Client("jane", portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))

		customer, err := client.CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Email: "jane@example.com"})
		fmt.Println(customer.Email, customer.Status, err)
	})
	// Output: jane@example.com ACTIVE <nil>
}

func ExampleServer_URL() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		client, err := portal.New(portal.StaticToken("jane"), portal.WithBaseURL(srv.URL()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.CreateMeldCustomer(t.Context(), nil)
		fmt.Println(err, len(srv.Meld.Customers()))
	})
	// Output: <nil> 1
}

func ExampleServer_HTTPClient() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		res, err := srv.HTTPClient().Get(srv.URL() + "/clients/me/integrations/meld/customers")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		fmt.Println(res.Status)
	})
	// Output: 401 Unauthorized
}

func ExampleServer_Close() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Close() // for a test of what happens when the API is gone
		fmt.Println(createAs(srv, "jane"))
	})
	// Output: no reply: connection refused
}

func ExampleNewHandler() {
	handler := portaltest.NewHandler()
	server := httptest.NewServer(handler)
	defer server.Close()

	client, err := portal.New(portal.StaticToken("jane"), portal.WithBaseURL(server.URL+"/api/v3"))
	if err != nil {
		panic(err)
	}
	customer, err := client.CreateMeldCustomer(context.Background(), nil)
	fmt.Println(customer.ID == handler.Meld.Customers()["jane"].ID, err)
	// Output: true <nil>
}

func ExampleHandler_ServeHTTP() {
	request := httptest.NewRequest(http.MethodPost, "/api/v3/clients/me/integrations/meld/customers", http.NoBody)
	request.Header.Set("Authorization", "Bearer jane")
	reply := httptest.NewRecorder()
	portaltest.NewHandler().ServeHTTP(reply, request)
	fmt.Println(reply.Code)
	// Output: 200
}

func ExampleMeld_Customers() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		_, err := srv.Client("jane").CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Phone: "+14155550100"})
		fmt.Println(srv.Meld.Customers()["jane"].Phone, err)
	})
	// Output: +14155550100 <nil>
}

func ExampleMeld_SeedCustomer() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		old := srv.Meld.SeedCustomer("jane", api.MeldCustomer{Email: "jane@example.com"})

		_, err := srv.Client("jane").CreateMeldCustomer(t.Context(), nil)
		id, _ := portal.ExistingMeldCustomerID(err)
		fmt.Println(id == old.ID)
	})
	// Output: true
}

func ExampleHandler_Requests() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		_, _ = srv.Client("jane").EnsureMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Email: "jane@example.com"})
		for _, r := range srv.Requests("createMeldCustomer") {
			fmt.Println(r.Method, r.Path, r.Token, string(r.Body), r.Status)
		}
	})
	// Output: POST /clients/me/integrations/meld/customers jane {"email":"jane@example.com"} 200
}

func ExampleHandler_ExpireToken() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.ExpireToken("jane")
		fmt.Println(createAs(srv, "jane"))
	})
	// Output: 401 {"error":"Authorization: the token is expired"}
}

func ExampleHandler_RotateToken() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		old := srv.Meld.SeedCustomer("monday", api.MeldCustomer{})
		srv.RotateToken("monday", "tuesday")

		found, err := srv.Client("tuesday").GetMeldCustomer(t.Context())
		fmt.Println(found.ID == old.ID, err)
		fmt.Println(createAs(srv, "monday"))
	})
	// Output:
	// true <nil>
	// 401 {"error":"Authorization: the token is expired"}
}

func ExampleWithSeed() {
	inTest(func(t *fakeT) {
		one := portaltest.NewServer(t, portaltest.WithSeed(7)).Meld.SeedCustomer("jane", api.MeldCustomer{})
		two := portaltest.NewServer(t, portaltest.WithSeed(7)).Meld.SeedCustomer("jane", api.MeldCustomer{})
		fmt.Println(one.ID == two.ID)
	})
	// Output: true
}

func ExampleWithClock() {
	inTest(func(t *fakeT) {
		noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		srv := portaltest.NewServer(t, portaltest.WithClock(func() time.Time { return noon }))
		fmt.Println(srv.Meld.SeedTransaction("jane", api.MeldTransaction{}).CreatedAt)
	})
	// Output: 2026-07-01T12:00:00Z
}

func ExampleWithTokens() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithTokens("jane", "john"))
		fmt.Println(createAs(srv, "somebody-else"))
	})
	// Output: 401 {"error":"Authorization: the token is not known"}
}

func ExampleWithMeld() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{CustomerNotFound: true}))
		_, _ = srv.Client("jane").GetMeldCustomer(t.Context())
		fmt.Println(srv.Requests()[0].Status)
	})
	// Output: 404
}

func ExampleWithMeld_singleCustomer() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{SingleCustomer: true}))
		seeded := srv.Meld.SeedCustomer("jane", api.MeldCustomer{})
		found, err := srv.Client("jane").GetMeldCustomer(t.Context())
		fmt.Println(found.ID == seeded.ID, err)
	})
	// Output: true <nil>
}

func ExampleWithMemoryLimit() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMemoryLimit(1<<20), portaltest.WithRequestHistory(0))
		for i := range 1000 {
			createAs(srv, fmt.Sprint("stranger-", i))
		}
		fmt.Println(len(srv.Meld.Customers()) < 500)
	})
	// Output: true
}

func ExampleWithRequestHistory() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithRequestHistory(1))
		createAs(srv, "jane")
		createAs(srv, "john")
		fmt.Println(len(srv.Requests()), srv.Requests()[0].Token)
	})
	// Output: 1 john
}

func ExampleWithLogger() {
	inTest(func(t *fakeT) {
		noTime := func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
		logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: noTime}))
		createAs(portaltest.NewServer(t, portaltest.WithLogger(logger)), "jane")
	})
	// Output: level=INFO msg=request operation=createMeldCustomer method=POST status=200
}

// In testing/synctest, with a network in memory, an hour takes no time.
func ExampleWithMemoryNetwork() {
	inTest(func(t *fakeT) { // synctest.Test(t, func(t *testing.T) {
		srv := portaltest.NewServer(t, portaltest.WithMemoryNetwork())
		_, err := srv.Client("jane").CreateMeldCustomer(t.Context(), nil)
		fmt.Println(err)
	})
	// Output: <nil>
}
