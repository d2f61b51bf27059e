package portaltest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func ExampleHandler_Fail() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Status(503), portaltest.Pass(), portaltest.DropBefore())
		for range 4 {
			fmt.Printf("%.9s\n", createAs(srv, "jane"))
		}
	})
	// Output:
	// 503 {"err
	// 200 {"dat
	// no reply:
	// 409 {"det
}

func ExampleHandler_ClearFaults() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail(portaltest.AnyOperation, portaltest.Status(503).Always()) // an outage begins …
		fmt.Println(createAs(srv, "jane")[:3])
		srv.ClearFaults() // … and ends
		fmt.Println(createAs(srv, "jane")[:3])
	})
	// Output:
	// 503
	// 200
}

// A script that the code under test does not use up fails the test.
func ExampleHandler_PendingFaults() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Status(503).Times(3))
		createAs(srv, "jane")
		fmt.Println(srv.PendingFaults())
		createAs(srv, "jane")
		createAs(srv, "jane")
		fmt.Println(srv.PendingFaults())
	})
	// Output:
	// [createMeldCustomer: Status(503), 2 of 3 times]
	// []
}

func ExampleWithRandomFault() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithSeed(3),
			portaltest.WithRandomFault(0.3, portaltest.Status(503)),
			portaltest.WithRandomFault(0.1, portaltest.DropAfter()))
		for range 6 {
			createAs(srv, "jane")
		}
		for _, r := range srv.Requests() {
			fmt.Printf("%q ", r.Fault)
		}
	})
	// Output: "" "" "Status(503)" "" "" "Status(503)"
}

// fault says what a client without any cleverness sees of a fault, and whether the work was done.
func fault(f portaltest.Fault) {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", f)
		fmt.Println(createAs(srv, "jane"))
		fmt.Println("done:", len(srv.Meld.Customers()) == 1)
	})
}

func ExampleStatus() {
	fault(portaltest.Status(503))
	// Output:
	// 503 {"error":"Service Unavailable"}
	// done: false
}

func ExampleRedirect() {
	fault(portaltest.Redirect(307, "https://elsewhere.example.com/"))
	// Output:
	// 307 {"error":"Temporary Redirect"}
	// done: false
}

func ExampleConflictWithoutID() {
	fault(portaltest.ConflictWithoutID())
	// Output:
	// 409 {"error":"Conflict"}
	// done: false
}

func ExampleErrorObject() {
	fault(portaltest.ErrorObject(400))
	// Output:
	// 400 {"error":{"code":400,"id":"fault","message":"Bad Request"}}
	// done: false
}

func ExampleGarbage() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Garbage(200))
		_, err := srv.Client("jane").CreateMeldCustomer(t.Context(), nil)
		fmt.Println(errors.Is(err, portal.ErrUnusableResponse))
	})
	// Output: true
}

func ExampleContentType() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.ContentType("text/html"))
		_, err := srv.Client("jane").CreateMeldCustomer(t.Context(), nil)
		fmt.Println(errors.Is(err, portal.ErrUnusableResponse))
	})
	// Output: true
}

func ExampleCutBody() {
	fault(portaltest.CutBody(9))
	// Output:
	// 200 {"data":{ (unexpected EOF)
	// done: true
}

func ExampleEndlessBody() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.EndlessBody())
		_, err := srv.Client("jane", portal.WithMaxResponseBytes(1000)).CreateMeldCustomer(t.Context(), nil)
		fmt.Println(errors.Is(err, portal.ErrResponseTooLarge))
	})
	// Output: true
}

func ExampleDrip() {
	fault(portaltest.Drip(time.Microsecond))
	// Output:
	// 200 {"data":{"accou…
	// done: true
}

func ExampleDropBefore() {
	fault(portaltest.DropBefore())
	// Output:
	// no reply: connection reset by peer
	// done: false
}

func ExampleDropAfter() {
	fault(portaltest.DropAfter())
	// Output:
	// no reply: connection reset by peer
	// done: true
}

func ExampleSilent() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Silent())
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := srv.Client("jane").CreateMeldCustomer(ctx, nil)
		fmt.Println(errors.Is(err, context.DeadlineExceeded))
	})
	// Output: true
}

func ExampleTokenExpired() {
	fault(portaltest.TokenExpired())
	// Output:
	// 401 {"error":"Authorization: the token is expired"}
	// done: false
}

func ExampleDelay() {
	fault(portaltest.Delay(time.Millisecond))
	// Output:
	// 200 {"data":{"accou…
	// done: true
}

// The test decides when the request goes on.
func ExampleHold() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		release, done := make(chan struct{}), make(chan string)
		srv.Fail("createMeldCustomer", portaltest.Hold(release))
		go func() { done <- createAs(srv, "jane") }()
		fmt.Println("done:", len(srv.Meld.Customers()) == 1)
		close(release)
		fmt.Println(<-done)
	})
	// Output:
	// done: false
	// 200 {"data":{"accou…
}

func ExamplePass() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Pass(), portaltest.Status(500))
		fmt.Println(createAs(srv, "jane"))
		fmt.Println(createAs(srv, "jane"))
	})
	// Output:
	// 200 {"data":{"accou…
	// 500 {"error":"Internal Server Error"}
}

func ExampleFault_Header() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Status(429).Header("Retry-After", "Wed, 01 Jul 2026 12:00:00 GMT"))
		a, err := try(srv, "POST", customersPath, "jane", "")
		fmt.Println(a.Header.Get("Retry-After"), err)
	})
	// Output: Wed, 01 Jul 2026 12:00:00 GMT <nil>
}

func ExampleFault_RetryAfter() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Status(503).RetryAfter(2*time.Minute))
		_, err := srv.Client("jane").CreateMeldCustomer(t.Context(), nil)
		var failed *portal.APIError
		if errors.As(err, &failed) {
			fmt.Println(failed.RetryAfter)
		}
	})
	// Output: 2m0s
}

func ExampleFault_Body() {
	fault(portaltest.Status(502).Body("text/html", "<h1>Bad Gateway</h1>"))
	// Output:
	// 502 <h1>Bad Gateway</h1>
	// done: false
}

func ExampleFault_AfterWork() {
	fault(portaltest.Status(502).AfterWork())
	// Output:
	// 502 {"error":"Bad Gateway"}
	// done: true
}

func ExampleFault_Then() {
	fault(portaltest.Delay(time.Millisecond).Then(portaltest.DropAfter()))
	// Output:
	// no reply: connection reset by peer
	// done: true
}

func ExampleFault_Times() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail("createMeldCustomer", portaltest.Status(503).Times(2))
		for range 3 {
			fmt.Println(createAs(srv, "jane")[:3])
		}
	})
	// Output:
	// 503
	// 503
	// 200
}

func ExampleFault_Always() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.Fail(portaltest.AnyOperation, portaltest.Status(500).Always())
		for range 3 {
			fmt.Println(createAs(srv, "jane")[:3])
		}
	})
	// Output:
	// 500
	// 500
	// 500
}

func ExampleFault_String() {
	fmt.Println(portaltest.Delay(time.Second).Then(portaltest.Status(503).RetryAfter(2 * time.Second)))
	// Output: Delay(1s).Then(Status(503).RetryAfter(2s))
}
