// Package portaltest is a fake Portal Client API for tests: a real HTTP server with state, which checks
// every request against the same document as the client, and fails on command.
//
//	func TestRegisterSurvivesALostReply(t *testing.T) {
//		fake := portaltest.NewServer(t)
//		fake.Fail("createMeldCustomer", portaltest.DropAfter()) // the work is done, the reply is lost
//
//		ensured, err := fake.Client("jane").EnsureMeldCustomer(t.Context(), nil) // your code here
//
//		if err != nil || ensured.ID != fake.Customers()["jane"].ID {
//			t.Fatalf("got %q, %v", ensured.ID, err)
//		}
//	}
//
// # What it does
//
// [NewServer] listens on a loopback port until the test ends. [Server.URL] is its base URL, [Server.Client]
// makes a client of package portal for it. [NewHandler] is the same as an http.Handler, for servers of
// your own; go run ./internal/cmd/sandbox in this module's repository serves it as a process, for clients
// in other languages.
//
// Each token is an end user of its own: it has at most one Meld customer, and sees only its own
// transactions. No token needs to be announced, but [WithTokens] allows some only, [Handler.ExpireToken]
// ends one, and [Handler.RotateToken] replaces one by another. [Handler.SeedCustomer] and
// [Handler.SeedTransaction] arrange what was there before; [Handler.Customers], [Handler.Transactions] and
// [Handler.Requests] tell what is there now, and what arrived.
//
// # What it checks
//
// Method, path, query, headers, Content-Type and body of each request must be as the document says, down to
// formats: an e-mail address must be one bare address, a date a day that exists. What the document says in
// words only is checked where it is plain, such as E.164 for a phone number. A request that is not valid gets
// the API's own 400, whose error names each place and its rule, and never a value:
//
//	{"error":"/dateOfBirth: must be a calendar date, written YYYY-MM-DD"}
//
// No token, or a malformed or expired one, is a 401; a path that the document does not have a 404; a method
// that the path does not have a 405; more than 1 MiB a 413. A query parameter that the document does not
// have is a 400 as well: the real API might ignore it, and a test that passes with a misspelled filter is
// worth nothing. An operation that the document has and this package cannot do yet is checked, and answered
// with a 501.
//
// Each reply of its own is checked against the document too. One that breaks it is a bug in this package; it
// fails the test.
//
// # What goes wrong
//
// [Handler.Fail] scripts faults: the next requests of an operation meet them one by one. A [Fault] is a status
// with headers and a body, a connection that is lost before the work or after it, a body that is cut, endless,
// slow or no JSON, a wait, an expired token. [WithRandomFault] lets chance decide instead, in a way that
// repeats with the seed. A scripted fault that never happened fails the test at its end.
//
// # Time
//
// Nothing depends on the wall clock or on an unseeded random source: times in replies come from a clock of
// its own ([WithClock] sets another), IDs are made from the seed and the token. A [Delay] waits in real time,
// but in no time at all in a bubble of testing/synctest, where the server needs [WithMemoryNetwork]. [Hold]
// waits for the test instead.
//
// # The world
//
// Discovery, quotes and widgets know a small world: six countries, five fiat and seven crypto currencies,
// seven payment methods, and six providers whose names, prices and limits are made up. Each answer comes from
// one list of what can be done, so what discovery lists can be quoted, and what is quoted can be opened. In a
// quote the fees and what is left of the amount add up to the last digit. A widget session begins a
// transaction in PENDING, which moves when a test says so: [Handler.AdvanceTransaction],
// [Handler.SetTransactionStatus].
//
// Where nobody knows what the real API answers, the fake does one thing by default and has an option for the
// other: [WithSingleCustomer], [WithCustomerNotFound], [WithMeldSpelling], [WithStartedLater].
package portaltest
